package parvi.interop;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The actors of a node; those of the other kind of node behave alike. */
final class Actors {
  private Actors() {}

  /** What a sink has received. */
  static final class Tally {
    volatile long received;
    volatile boolean inOrder = true;
  }

  static final Map<String, Tally> TALLIES = new ConcurrentHashMap<>();
  static final int BATCH = 1000;

  /** Answers each message with itself. */
  public static final class Echo extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .matchEquals("crash", text -> { throw new IllegalStateException("told to crash"); })
          .matchEquals("stop", text -> getContext().stop(getSelf()))
          .matchAny(message -> getSender().tell(message, getSelf()))
          .build();
    }
  }

  /** As a supervisor that stops what fails. */
  public static final class StoppingParent extends AbstractActor {
    private final ActorRef child =
        getContext().actorOf(org.apache.pekko.actor.Props.create(Echo.class), "child");

    @Override
    public org.apache.pekko.actor.SupervisorStrategy supervisorStrategy() {
      return org.apache.pekko.actor.SupervisorStrategy.stoppingStrategy();
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder().matchAny(message -> child.forward(message, getContext())).build();
    }
  }

  /** Counts numbers that come in order from 0, and confirms every thousandth; answers a text with its length. */
  public static final class Sink extends AbstractActor {
    private final Tally tally = new Tally();

    public Sink() {
      TALLIES.put(getSelf().path().name(), tally);
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(Integer.class, this::count)
          .match(
              String.class,
              text -> {
                tally.received++;
                getSender().tell(text.length(), getSelf());
              })
          .build();
    }

    private void count(int number) {
      if (number != tally.received) tally.inOrder = false;
      tally.received++;
      if (tally.received % BATCH == 0) getSender().tell(number, getSelf());
    }
  }

  record Flood(ActorRef target, int count) {}

  /** Sends numbers to a sink, two batches ahead of what it has confirmed. */
  public static final class Flooder extends AbstractActor {
    private ActorRef target;
    private ActorRef asker;
    private int count;
    private int sent;

    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(
              Flood.class,
              flood -> {
                target = flood.target();
                asker = getSender();
                count = flood.count();
                sent = 0;
                send();
                send();
              })
          .match(
              Integer.class,
              number -> {
                if (number == count - 1) asker.tell("done", getSelf());
                else send();
              })
          .build();
    }

    private void send() {
      int end = Math.min(count, sent + BATCH);
      while (sent < end) target.tell(sent++, getSelf());
    }
  }

  record Watch(ActorRef ref) {}

  record Unwatch(ActorRef ref) {}

  /** Watches, and tells what it sees as lines. Also the sender of messages that are told. */
  public static final class Probe extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(
              Watch.class,
              watch -> {
                getContext().watch(watch.ref());
                getSender().tell("watching", getSelf());
              })
          .match(
              Unwatch.class,
              unwatch -> {
                getContext().unwatch(unwatch.ref());
                getSender().tell("unwatched", getSelf());
              })
          .match(
              Terminated.class,
              end ->
                  Lines.write(
                      Lines.event("terminated")
                          .put("ref", end.getActor().path().toSerializationFormat())
                          .put("existenceConfirmed", end.getExistenceConfirmed())
                          .put("addressTerminated", end.getAddressTerminated())))
          .matchAny(
              message -> {
                var line = Lines.event("received");
                line.set("value", Values.toJson(message));
                Lines.write(line);
              })
          .build();
    }
  }

  /** Tells of messages that reached nobody. */
  public static final class DeadLetterListener extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(
              DeadLetter.class,
              letter ->
                  Lines.write(
                      Lines.event("deadLetter")
                          .put("recipient", letter.recipient().path().toStringWithoutAddress())
                          .put("message", letter.message().getClass().getName())))
          .build();
    }
  }

  static Behavior<Messages.Command> typed() {
    return Behaviors.receive(Messages.Command.class)
        .onMessage(
            Messages.Ping.class,
            ping -> {
              ping.replyTo.tell(new Messages.Pong("pong:" + ping.text, ping.n + 1));
              return Behaviors.same();
            })
        .onMessage(
            Messages.JsonPing.class,
            ping -> {
              ping.replyTo.tell(new Messages.JsonPong("pong:" + ping.text, ping.n + 1));
              return Behaviors.same();
            })
        .build();
  }
}
