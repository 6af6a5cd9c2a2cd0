package parvi.interop;

import static org.apache.pekko.pattern.Patterns.ask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.remote.RemoteActorRefProvider;

/** What the tests can have a node do. Each command is answered by one line with its number. */
final class Commands {
  private final ExtendedActorSystem system;
  private final Cluster cluster;
  private final ActorRef probe;
  private final ActorRef flooder;

  Commands(ExtendedActorSystem system) {
    this.system = system;
    this.cluster = Cluster.get(system);
    this.probe = system.actorOf(Props.create(Actors.Probe.class), "probe");
    this.flooder = system.actorOf(Props.create(Actors.Flooder.class), "flooder");
    system.actorOf(Props.create(Actors.Echo.class), "echo");
    Adapter.spawn(system, Actors.typed(), "typed");
    Adapter.spawn(system, Load.counter(), "load");
  }

  void run(String text) {
    JsonNode command;
    try {
      command = Lines.MAPPER.readTree(text);
    } catch (Exception error) {
      Lines.write(Lines.event("unreadable").put("line", text));
      return;
    }
    ObjectNode reply = Lines.object().put("reply", command.path("id").asInt());
    CompletionStage<?> done;
    try {
      done = perform(command, reply);
    } catch (Exception error) {
      done = CompletableFuture.failedFuture(error);
    }
    done.whenComplete(
        (result, error) -> {
          if (error != null) reply.put("error", error.toString());
          Lines.write(reply);
        });
  }

  private CompletionStage<?> perform(JsonNode command, ObjectNode reply) throws Exception {
    String name = command.path("do").asText();
    switch (name) {
      case "state" -> ClusterLines.state(reply, cluster);
      case "join" -> cluster.join(AddressFromURIString.parse(command.path("address").asText()));
      case "leave" -> cluster.leave(addressIn(command));
      case "down" -> cluster.down(addressIn(command));
      case "prepare" -> cluster.prepareForFullClusterShutdown();
      case "shutdown" -> CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
      case "quarantine" -> quarantine(command);
      case "memory" -> memory(reply);
      default -> {
        return messaging(name, command, reply);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private CompletionStage<?> messaging(String name, JsonNode command, ObjectNode reply) throws Exception {
    Duration timeout = Duration.ofMillis(command.path("timeoutMs").asLong(30_000));
    switch (name) {
      case "spawn" -> spawn(command, reply);
      case "stop" -> system.actorSelection("/user/" + command.path("name").asText()).tell(PoisonPill.getInstance(), probe);
      case "tell" -> target(command).tell(valueIn(command), probe);
      case "select" -> system.actorSelection(command.path("to").asText()).tell(valueIn(command), probe);
      case "count" -> {
        Actors.Tally tally = Actors.TALLIES.get(command.path("name").asText());
        reply.put("received", tally.received).put("inOrder", tally.inOrder);
      }
      case "watch" -> {
        return ask(probe, new Actors.Watch(target(command)), timeout);
      }
      case "unwatch" -> {
        return ask(probe, new Actors.Unwatch(target(command)), timeout);
      }
      case "ask" -> {
        return ask(target(command), valueIn(command), timeout)
            .thenAccept(value -> reply.set("value", Values.toJson(value)));
      }
      case "identify" -> {
        return system.actorSelection(command.path("to").asText()).resolveOne(timeout)
            .thenAccept(ref -> reply.put("ref", ref.path().toSerializationFormat()));
      }
      case "flood" -> {
        var flood = new Actors.Flood(target(command), command.path("count").asInt());
        return ask(flooder, flood, Duration.ofMinutes(5));
      }
      case "load" -> {
        return Load.run(system, command, reply);
      }
      case "ping" -> {
        return ping(command, reply, timeout);
      }
      default -> throw new IllegalArgumentException("unknown command " + name);
    }
    return CompletableFuture.completedFuture(null);
  }

  private CompletionStage<?> ping(JsonNode command, ObjectNode reply, Duration timeout) {
    var typed = Adapter.toTyped(system);
    org.apache.pekko.actor.typed.ActorRef<Messages.Command> ref =
        ActorRefResolver.get(typed).resolveActorRef(command.path("to").asText());
    String text = command.path("text").asText();
    long n = Long.parseLong(command.path("n").asText());
    if (command.path("format").asText().equals("json")) {
      return AskPattern.<Messages.Command, Messages.JsonPong>ask(
              ref, replyTo -> new Messages.JsonPing(text, n, replyTo), timeout, typed.scheduler())
          .thenAccept(pong -> reply.put("text", pong.text).put("n", Long.toString(pong.n)));
    }
    return AskPattern.<Messages.Command, Messages.Pong>ask(
            ref, replyTo -> new Messages.Ping(text, n, replyTo), timeout, typed.scheduler())
        .thenAccept(pong -> reply.put("text", pong.text).put("n", Long.toString(pong.n)));
  }

  private void spawn(JsonNode command, ObjectNode reply) {
    Class<?> kind =
        switch (command.path("kind").asText("echo")) {
          case "sink" -> Actors.Sink.class;
          case "fragile" -> Actors.StoppingParent.class;
          default -> Actors.Echo.class;
        };
    ActorRef ref = system.actorOf(Props.create(kind), command.path("name").asText());
    reply.put("ref", ref.path().toSerializationFormatWithAddress(cluster.selfAddress()));
  }

  private void quarantine(JsonNode command) {
    long uid = Long.parseLong(command.path("uid").asText());
    ((RemoteActorRefProvider) system.provider())
        .transport()
        .quarantine(addressIn(command), scala.Option.apply((Object) uid), "the test says so");
  }

  private static void memory(ObjectNode reply) {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    reply.put("heapBytes", runtime.totalMemory() - runtime.freeMemory());
  }

  private org.apache.pekko.actor.Address addressIn(JsonNode command) {
    JsonNode address = command.path("address");
    return address.isMissingNode() ? cluster.selfAddress() : AddressFromURIString.parse(address.asText());
  }

  private ActorRef target(JsonNode command) {
    return resolve(command.path("to").asText());
  }

  private ActorRef resolve(String path) {
    return system.provider().resolveActorRef(path);
  }

  private Object valueIn(JsonNode command) {
    return Values.fromJson(command.path("value"), this::resolve);
  }
}
