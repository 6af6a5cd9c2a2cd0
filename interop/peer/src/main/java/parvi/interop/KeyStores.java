package parvi.interop;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * Makes the stores that Pekko's engine of the configuration reads: `keystore.p12` and `truststore.p12`, of `tls.key`,
 * `tls.crt` and `ca.crt` (PEM) in a folder. Words: the folder, and the password of both.
 */
public final class KeyStores {
  private KeyStores() {}

  public static void main(String[] words) throws Exception {
    Path folder = Path.of(words[0]);
    char[] password = words[1].toCharArray();
    KeyStore own = empty();
    Certificate[] chain = {certificate(folder.resolve("tls.crt"))};
    own.setKeyEntry("own", key(folder.resolve("tls.key")), password, chain);
    write(own, folder.resolve("keystore.p12"), password);
    KeyStore trusted = empty();
    trusted.setCertificateEntry("authority", certificate(folder.resolve("ca.crt")));
    write(trusted, folder.resolve("truststore.p12"), password);
  }

  private static KeyStore empty() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static void write(KeyStore store, Path path, char[] password) throws Exception {
    try (OutputStream out = Files.newOutputStream(path)) {
      store.store(out, password);
    }
  }

  private static Certificate certificate(Path path) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(path)));
  }

  private static PrivateKey key(Path path) throws Exception {
    String text = Files.readString(path).replaceAll("-----[A-Z ]+-----", "");
    var bytes = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text));
    return KeyFactory.getInstance("RSA").generatePrivate(bytes);
  }
}
