package parvi.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.function.Function;
import org.apache.pekko.actor.ActorRef;

/** Values of messages as JSON: an object whose only key names the kind. */
final class Values {
  private Values() {}

  static Object fromJson(JsonNode json, Function<String, ActorRef> resolve) {
    var field = json.fields().next();
    JsonNode value = field.getValue();
    return switch (field.getKey()) {
      case "text" -> value.asText();
      case "textOf" -> "x".repeat(value.asInt());
      case "int" -> value.asInt();
      case "long" -> Long.parseLong(value.asText());
      case "boolean" -> value.asBoolean();
      case "bytes" -> Base64.getDecoder().decode(value.asText());
      case "ref" -> resolve.apply(value.asText());
      case "cbor" -> cborRecord(value, resolve);
      case "json" -> fill(new Messages.JsonRecord(), value, resolve);
      case "foreign" -> new Messages.Foreign();
      case "odd" -> new OddSerializer.Odd();
      default -> throw new IllegalArgumentException("unknown kind of value " + field.getKey());
    };
  }

  private static Messages.CborRecord cborRecord(JsonNode value, Function<String, ActorRef> resolve) {
    Messages.CborRecord record = fill(new Messages.CborRecord(), value, resolve);
    record.bytes = Base64.getDecoder().decode(value.path("bytes").asText(""));
    return record;
  }

  private static <T extends Messages.Fields> T fill(
      T record, JsonNode value, Function<String, ActorRef> resolve) {
    record.text = value.path("text").asText();
    record.n = Long.parseLong(value.path("n").asText("0"));
    record.x = value.path("x").asDouble();
    record.flag = value.path("flag").asBoolean();
    record.list = new ArrayList<>();
    value.path("list").forEach(item -> record.list.add(item.asText()));
    if (value.hasNonNull("ref")) record.ref = resolve.apply(value.path("ref").asText());
    return record;
  }

  static JsonNode toJson(Object value) {
    ObjectNode json = Lines.object();
    if (value instanceof String text) return text(json, text);
    if (value instanceof Integer number) return json.put("int", number);
    if (value instanceof Long number) return json.put("long", number.toString());
    if (value instanceof Boolean flag) return json.put("boolean", flag);
    if (value instanceof byte[] bytes) return json.put("bytes", Base64.getEncoder().encodeToString(bytes));
    if (value instanceof ActorRef ref) return json.put("ref", ref.path().toSerializationFormat());
    if (value instanceof org.apache.pekko.actor.typed.ActorRef<?> ref) {
      return json.put("ref", ref.path().toSerializationFormat());
    }
    if (value instanceof Messages.CborRecord record) {
      ObjectNode fields = fields(record);
      fields.put("bytes", Base64.getEncoder().encodeToString(record.bytes));
      return json.set("cbor", fields);
    }
    if (value instanceof Messages.JsonRecord record) return json.set("json", fields(record));
    return json.put("other", value.getClass().getName());
  }

  /** Long texts of one letter come back as their length. */
  private static ObjectNode text(ObjectNode json, String text) {
    boolean filler = text.length() > 1000 && text.equals("x".repeat(text.length()));
    return filler ? json.put("textOf", text.length()) : json.put("text", text);
  }

  private static ObjectNode fields(Messages.Fields record) {
    ObjectNode json = Lines.object();
    json.put("text", record.text).put("n", Long.toString(record.n)).put("x", record.x);
    json.put("flag", record.flag);
    ArrayNode list = json.putArray("list");
    record.list.forEach(list::add);
    if (record.ref != null) json.put("ref", record.ref.path().toSerializationFormat());
    return json;
  }
}
