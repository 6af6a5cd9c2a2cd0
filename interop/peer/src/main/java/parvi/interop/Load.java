package parvi.interop;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Flat-out traffic for the benchmarks: an actor that answers and counts, and what drives one on another node. */
final class Load {
  /** No answer for so long is a failure, not a slow machine. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** As in Pekko's own MaxThroughputSpec: three bursts under way stay below the outbound queue of 3,072 messages. */
  private static final int BURST = 1000;
  private static final int BURSTS_AHEAD = 3;

  /**
   * What follows an answer runs in the thread that completes it. Without an executor the futures that Scala hands to Java
   * go through the JDK's common pool, and on a machine of two cores that starts a thread for each answer.
   */
  private static final Executor SAME_THREAD = Runnable::run;

  private Load() {}

  /** Told, and counted. */
  public static final class Count implements Messages.Cbor, Messages.Command {
    public final String text;
    public final long n;

    @JsonCreator
    public Count(@JsonProperty("text") String text, @JsonProperty("n") long n) {
      this.text = text;
      this.n = n;
    }
  }

  /** Asks how many were counted: a pong with that number. */
  public static final class Total implements Messages.Cbor, Messages.Command {
    public final ActorRef<Messages.Pong> replyTo;

    @JsonCreator
    public Total(@JsonProperty("replyTo") ActorRef<Messages.Pong> replyTo) {
      this.replyTo = replyTo;
    }
  }

  static Behavior<Messages.Command> counter() {
    return Behaviors.setup(
        context -> {
          long[] seen = {0};
          return Behaviors.receive(Messages.Command.class)
              .onMessage(
                  Messages.Ping.class,
                  ping -> {
                    ping.replyTo.tell(new Messages.Pong(ping.text, ping.n));
                    return Behaviors.same();
                  })
              .onMessage(
                  Count.class,
                  count -> {
                    seen[0]++;
                    return Behaviors.same();
                  })
              .onMessage(
                  Total.class,
                  total -> {
                    total.replyTo.tell(new Messages.Pong("", seen[0]));
                    return Behaviors.same();
                  })
              .build();
        });
  }

  /** Fields of the command: kind (ask or tell), to, text, concurrency, count. Of the reply: perSecond, p50Ms, p99Ms. */
  static CompletionStage<Void> run(ExtendedActorSystem classic, JsonNode command, ObjectNode reply) {
    ActorSystem<Void> system = Adapter.toTyped(classic);
    ActorRef<Messages.Command> to =
        ActorRefResolver.get(system).resolveActorRef(command.path("to").asText());
    String text = command.path("text").asText();
    int count = command.path("count").asInt();
    if (command.path("kind").asText().equals("tell")) {
      return total(system, to)
          .thenCompose(before -> new Tells(system, to, text, before, count).run(reply));
    }
    return new Asks(system, to, text, count).run(command.path("concurrency").asInt(), reply);
  }

  private static CompletionStage<Long> total(ActorSystem<Void> system, ActorRef<Messages.Command> to) {
    return AskPattern.<Messages.Command, Messages.Pong>ask(to, Total::new, TIMEOUT, system.scheduler())
        .thenApplyAsync(pong -> pong.n, SAME_THREAD);
  }

  /** Asks with so many questions under way; each lane asks again when it has its answer. */
  private static final class Asks {
    private final ActorSystem<Void> system;
    private final ActorRef<Messages.Command> to;
    private final String text;
    private final long[] tookNs;
    private final AtomicInteger next = new AtomicInteger();

    Asks(ActorSystem<Void> system, ActorRef<Messages.Command> to, String text, int count) {
      this.system = system;
      this.to = to;
      this.text = text;
      this.tookNs = new long[count];
    }

    CompletionStage<Void> run(int concurrency, ObjectNode reply) {
      int count = tookNs.length;
      long startNs = System.nanoTime();
      var lanes = Stream.generate(() -> new CompletableFuture<Void>()).limit(concurrency).toList();
      lanes.forEach(this::askNext);
      return CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
          .thenAccept(
              done -> {
                double seconds = (System.nanoTime() - startNs) / 1e9;
                Arrays.sort(tookNs);
                reply.put("perSecond", count / seconds);
                reply.put("p50Ms", tookNs[(count - 1) / 2] / 1e6);
                reply.put("p99Ms", tookNs[(int) ((count - 1) * 0.99)] / 1e6);
              });
    }

    private void askNext(CompletableFuture<Void> lane) {
      int n = next.getAndIncrement();
      if (n >= tookNs.length) {
        lane.complete(null);
        return;
      }
      long startNs = System.nanoTime();
      AskPattern.<Messages.Command, Messages.Pong>ask(
              to, replyTo -> new Messages.Ping(text, n, replyTo), TIMEOUT, system.scheduler())
          .whenCompleteAsync(
              (pong, error) -> {
                if (error != null) {
                  // The other lanes end too instead of running into the same time limit one ask after the other.
                  next.set(tookNs.length);
                  lane.completeExceptionally(error);
                  return;
                }
                tookNs[n] = System.nanoTime() - startNs;
                askNext(lane);
              },
              SAME_THREAD);
    }
  }

  /**
   * Tells in bursts, each with a question behind it, and goes on when one is answered. Messages to one actor keep their
   * order, so the answer must have counted everything told before its question: fewer means that some were dropped.
   */
  private static final class Tells {
    private final ActorSystem<Void> system;
    private final ActorRef<Messages.Command> to;
    private final String text;
    private final long before;
    private final int count;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int sent;

    Tells(ActorSystem<Void> system, ActorRef<Messages.Command> to, String text, long before, int count) {
      this.system = system;
      this.to = to;
      this.text = text;
      this.before = before;
      this.count = count;
    }

    CompletionStage<Void> run(ObjectNode reply) {
      long startNs = System.nanoTime();
      for (int i = 0; i < BURSTS_AHEAD; i++) burst();
      return done.thenAccept(
          all -> reply.put("perSecond", count / ((System.nanoTime() - startNs) / 1e9)));
    }

    /** One thread at a time, so that the question stands behind exactly what was told. */
    private synchronized void burst() {
      if (sent == count || done.isDone()) return;
      int end = Math.min(count, sent + BURST);
      while (sent < end) to.tell(new Count(text, sent++));
      long expected = before + end;
      total(system, to)
          .whenComplete(
              (seen, error) -> {
                if (error != null) {
                  done.completeExceptionally(error);
                } else if (seen != expected) {
                  done.completeExceptionally(
                      new IllegalStateException("Lost " + (expected - seen) + " of the messages told"));
                } else if (end == count) {
                  done.complete(null);
                } else {
                  burst();
                }
              });
    }
  }
}
