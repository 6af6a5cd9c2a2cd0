package parvi.interop;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.event.Logging;

/** The log of the actor system as lines. */
public final class LineLogger extends AbstractActor {
  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(
            Logging.InitializeLogger.class,
            message -> getSender().tell(Logging.loggerInitialized(), getSelf()))
        .match(Logging.Error.class, entry -> write("ERROR", entry, causeOf(entry)))
        .match(Logging.Warning.class, entry -> write("WARN", entry, ""))
        .match(Logging.Info.class, entry -> write("INFO", entry, ""))
        .matchAny(other -> {})
        .build();
  }

  private static void write(String level, Logging.LogEvent entry, String cause) {
    Lines.write(
        Lines.event("log")
            .put("level", level)
            .put("source", entry.logSource())
            .put("message", String.valueOf(entry.message()) + cause));
  }

  private static String causeOf(Logging.Error entry) {
    if (entry.cause() == Logging.noCause()) return "";
    StringWriter text = new StringWriter();
    entry.cause().printStackTrace(new PrintWriter(text));
    String whole = text.toString();
    return " | " + whole.substring(0, Math.min(1500, whole.length()));
  }
}
