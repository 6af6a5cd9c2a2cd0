package parvi.interop;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.javadsl.Lease;

/** A lease that is held by whose name stands in a file; nodes of the other kind use the same (node-lease.ts). */
public final class FileLease extends Lease {
  private final LeaseSettings settings;
  private final Path path;

  public FileLease(LeaseSettings settings, ExtendedActorSystem system) {
    this.settings = settings;
    this.path = Path.of(settings.leaseConfig().getString("path"));
  }

  @Override
  public LeaseSettings getSettings() {
    return settings;
  }

  @Override
  public CompletionStage<Boolean> acquire() {
    try {
      Files.writeString(path, settings.ownerName(), StandardOpenOption.CREATE_NEW);
      return CompletableFuture.completedFuture(true);
    } catch (FileAlreadyExistsException taken) {
      return CompletableFuture.completedFuture(checkLease());
    } catch (IOException error) {
      return CompletableFuture.failedFuture(error);
    }
  }

  @Override
  public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> lost) {
    return acquire();
  }

  @Override
  public CompletionStage<Boolean> release() {
    try {
      return CompletableFuture.completedFuture(checkLease() && Files.deleteIfExists(path));
    } catch (IOException error) {
      return CompletableFuture.failedFuture(error);
    }
  }

  @Override
  public boolean checkLease() {
    try {
      return Files.readString(path).equals(settings.ownerName());
    } catch (IOException error) {
      return false;
    }
  }
}
