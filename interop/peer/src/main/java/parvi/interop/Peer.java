package parvi.interop;

import com.typesafe.config.ConfigFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;

/**
 * A node of the JVM, driven by JSON lines on standard input. The environment names the system (INTEROP_SYSTEM) and
 * holds the configuration (INTEROP_CONFIG, HOCON), which wins over application.conf.
 */
public final class Peer {
  private Peer() {}

  public static void main(String[] words) throws Exception {
    var own = ConfigFactory.parseString(System.getenv("INTEROP_CONFIG"));
    var config = own.withFallback(ConfigFactory.load());
    var system = (ExtendedActorSystem) ActorSystem.create(System.getenv("INTEROP_SYSTEM"), config);
    var cluster = Cluster.get(system);
    var listener = system.actorOf(Props.create(ClusterLines.Listener.class), "listener");
    cluster.subscribe(listener, ClusterEvent.initialStateAsEvents(), ClusterEvent.ClusterDomainEvent.class);
    var deadLetters = system.actorOf(Props.create(Actors.DeadLetterListener.class), "dead-letters");
    system.getEventStream().subscribe(deadLetters, DeadLetter.class);
    if (config.hasPath("interop.management")) startManagement(system);
    var commands = new Commands(system);
    Lines.write(
        Lines.event("ready")
            .put("address", cluster.selfAddress().toString())
            .put("uid", Long.toString(cluster.selfUniqueAddress().longUid())));
    var reader = new Thread(() -> read(commands), "commands");
    reader.setDaemon(true);
    reader.start();
    system.getWhenTerminated().toCompletableFuture().join();
  }

  /** By name, since most nodes are built without it. */
  private static void startManagement(ActorSystem system) throws Exception {
    var type = Class.forName("org.apache.pekko.management.javadsl.PekkoManagement");
    var management = type.getMethod("get", ActorSystem.class).invoke(null, system);
    var started = (CompletionStage<?>) type.getMethod("start").invoke(management);
    started.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** The end of the input is the end of the test that drives this node. */
  private static void read(Commands commands) {
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank()) commands.run(line);
      }
    } catch (java.io.IOException error) {
      Lines.write(Lines.event("unreadable").put("line", error.toString()));
    }
    Runtime.getRuntime().halt(3);
  }
}
