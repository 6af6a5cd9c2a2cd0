import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.coordination.lease.javadsl.Lease;
import org.apache.pekko.coordination.lease.javadsl.LeaseProvider;

/**
 * Contends for a lease by Pekko Management's NativeKubernetesLease, as contender.ts does by ours: with the same words on
 * the command line, and the same lines as output.
 */
public final class Contender {
  private final String owner;

  private Contender(String owner) {
    this.owner = owner;
  }

  public static void main(String[] words) throws Exception {
    URI server = URI.create(words[2]);
    Config config =
        ConfigFactory.parseString(
                """
                pekko.log-dead-letters = off
                pekko.loglevel = WARNING
                pekko.coordination.lease.kubernetes {
                  lease-class = "org.apache.pekko.coordination.lease.kubernetes.NativeKubernetesLease"
                  heartbeat-timeout = 5s
                  heartbeat-interval = 500ms
                  namespace = "%s"
                  api-service-host = "%s"
                  api-service-port = %d
                  api-ca-path = "%s"
                  api-token-path = "%s"
                }
                """
                    .formatted(words[1], server.getHost(), server.getPort(), words[3], words[4]))
            .withFallback(ConfigFactory.load());
    ActorSystem system = ActorSystem.create("contender", config);
    Lease lease =
        LeaseProvider.get(system)
            .getLease("contended", "pekko.coordination.lease.kubernetes", words[0]);
    new Contender(words[0]).contend(lease);
  }

  private void contend(Lease lease) throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> release(lease)));
    while (!isAcquired(lease)) Thread.sleep(100);
    say("held");
  }

  private boolean isAcquired(Lease lease) throws InterruptedException {
    try {
      return lease
          .acquire(
              reason -> {
                say("lost");
                Runtime.getRuntime().halt(3);
              })
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException failed) {
      say("failed: " + failed);
      return false;
    }
  }

  private void release(Lease lease) {
    try {
      if (!lease.checkLease()) return;
      if (lease.release().toCompletableFuture().get(5, TimeUnit.SECONDS)) say("released");
    } catch (Exception failed) {
      say("failed: " + failed);
    }
  }

  private synchronized void say(String word) {
    System.out.println(System.currentTimeMillis() + " " + owner + " " + word);
    System.out.flush();
  }
}
