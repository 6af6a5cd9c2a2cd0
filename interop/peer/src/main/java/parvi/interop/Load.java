package parvi.interop;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int TELLS_AHEAD = 20_000;

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
    if (command.path("kind").asText().equals("tell")) return tell(system, to, text, count, reply);
    return ask(system, to, text, command.path("concurrency").asInt(), count, reply);
  }

  private static CompletionStage<Void> ask(
      ActorSystem<Void> system,
      ActorRef<Messages.Command> to,
      String text,
      int concurrency,
      int count,
      ObjectNode reply) {
    long[] tookNs = new long[count];
    var next = new AtomicInteger();
    long startNs = System.nanoTime();
    var lanes = new CompletableFuture<?>[concurrency];
    for (int i = 0; i < concurrency; i++) {
      lanes[i] = new CompletableFuture<Void>();
      askNext(system, to, text, next, tookNs, (CompletableFuture<Void>) lanes[i]);
    }
    return CompletableFuture.allOf(lanes)
        .thenAccept(
            done -> {
              double seconds = (System.nanoTime() - startNs) / 1e9;
              Arrays.sort(tookNs);
              reply.put("perSecond", count / seconds);
              reply.put("p50Ms", tookNs[(count - 1) / 2] / 1e6);
              reply.put("p99Ms", tookNs[(int) ((count - 1) * 0.99)] / 1e6);
            });
  }

  private static void askNext(
      ActorSystem<Void> system,
      ActorRef<Messages.Command> to,
      String text,
      AtomicInteger next,
      long[] tookNs,
      CompletableFuture<Void> lane) {
    int n = next.getAndIncrement();
    if (n >= tookNs.length) {
      lane.complete(null);
      return;
    }
    long startNs = System.nanoTime();
    AskPattern.<Messages.Command, Messages.Pong>ask(
            to, replyTo -> new Messages.Ping(text, n, replyTo), TIMEOUT, system.scheduler())
        .whenComplete(
            (pong, error) -> {
              if (error != null) {
                lane.completeExceptionally(error);
                return;
              }
              tookNs[n] = System.nanoTime() - startNs;
              askNext(system, to, text, next, tookNs, lane);
            });
  }

  /** Tells in portions and waits for the count of each half, so that no queue overflows. */
  private static CompletionStage<Void> tell(
      ActorSystem<Void> system,
      ActorRef<Messages.Command> to,
      String text,
      int count,
      ObjectNode reply) {
    return total(system, to)
        .thenCompose(
            before -> {
              long startNs = System.nanoTime();
              return tellFrom(system, to, text, before, 0, count)
                  .thenAccept(
                      done -> reply.put("perSecond", count / ((System.nanoTime() - startNs) / 1e9)));
            });
  }

  private static CompletionStage<Void> tellFrom(
      ActorSystem<Void> system,
      ActorRef<Messages.Command> to,
      String text,
      long before,
      int sent,
      int count) {
    int end = Math.min(count, sent + TELLS_AHEAD);
    for (int n = sent; n < end; n++) to.tell(new Count(text, n));
    return seen(system, to, before + (end == count ? count : sent))
        .thenCompose(
            done ->
                end == count
                    ? CompletableFuture.completedFuture(null)
                    : tellFrom(system, to, text, before, end, count));
  }

  private static CompletionStage<Void> seen(
      ActorSystem<Void> system, ActorRef<Messages.Command> to, long least) {
    return total(system, to)
        .thenCompose(
            total ->
                total >= least ? CompletableFuture.completedFuture(null) : seen(system, to, least));
  }

  private static CompletionStage<Long> total(ActorSystem<Void> system, ActorRef<Messages.Command> to) {
    return AskPattern.<Messages.Command, Messages.Pong>ask(to, Total::new, TIMEOUT, system.scheduler())
        .thenApply(pong -> pong.n);
  }
}
