package parvi.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One JSON object a line on standard output: events, log lines and replies to commands. */
final class Lines {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Lines() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ObjectNode event(String name) {
    return object().put("event", name);
  }

  static void write(ObjectNode line) {
    try {
      String text = MAPPER.writeValueAsString(line);
      synchronized (Lines.class) {
        System.out.println(text);
        System.out.flush();
      }
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
  }
}
