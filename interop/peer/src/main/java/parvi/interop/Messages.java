package parvi.interop;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** Messages as an application on the JVM has them; bound to Jackson in application.conf. */
public final class Messages {
  private Messages() {}

  /** Written by jackson-cbor. */
  public interface Cbor {}

  /** Written by jackson-json. */
  public interface Json {}

  /** Fields of every common kind, and a ref of a classic actor. */
  public abstract static class Fields {
    public String text;
    public long n;
    public double x;
    public boolean flag;
    public List<String> list;
    public org.apache.pekko.actor.ActorRef ref;
  }

  public static final class CborRecord extends Fields implements Cbor {
    public byte[] bytes;
  }

  public static final class JsonRecord extends Fields implements Json {}

  /** The other side has no entry for this class. */
  public static final class Foreign implements Cbor {
    public String text = "foreign";
  }

  /** Protocol of the typed actor. */
  public interface Command {}

  public static final class Ping implements Cbor, Command {
    public final String text;
    public final long n;
    public final org.apache.pekko.actor.typed.ActorRef<Pong> replyTo;

    @JsonCreator
    public Ping(
        @JsonProperty("text") String text,
        @JsonProperty("n") long n,
        @JsonProperty("replyTo") org.apache.pekko.actor.typed.ActorRef<Pong> replyTo) {
      this.text = text;
      this.n = n;
      this.replyTo = replyTo;
    }
  }

  public static final class Pong implements Cbor {
    public final String text;
    public final long n;

    @JsonCreator
    public Pong(@JsonProperty("text") String text, @JsonProperty("n") long n) {
      this.text = text;
      this.n = n;
    }
  }

  public static final class JsonPing implements Json, Command {
    public final String text;
    public final long n;
    public final org.apache.pekko.actor.typed.ActorRef<JsonPong> replyTo;

    @JsonCreator
    public JsonPing(
        @JsonProperty("text") String text,
        @JsonProperty("n") long n,
        @JsonProperty("replyTo") org.apache.pekko.actor.typed.ActorRef<JsonPong> replyTo) {
      this.text = text;
      this.n = n;
      this.replyTo = replyTo;
    }
  }

  public static final class JsonPong implements Json {
    public final String text;
    public final long n;

    @JsonCreator
    public JsonPong(@JsonProperty("text") String text, @JsonProperty("n") long n) {
      this.text = text;
      this.n = n;
    }
  }
}
