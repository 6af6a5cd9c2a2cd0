package parvi.interop;

import org.apache.pekko.serialization.JSerializer;

/** A serializer that the other side does not have. */
public final class OddSerializer extends JSerializer {
  public static final class Odd {}

  @Override
  public int identifier() {
    return 987_654;
  }

  @Override
  public boolean includeManifest() {
    return false;
  }

  @Override
  public byte[] toBinary(Object value) {
    return new byte[] {1, 2, 3};
  }

  @Override
  public Object fromBinaryJava(byte[] bytes, Class<?> manifest) {
    return new Odd();
  }
}
