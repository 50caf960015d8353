package io.accrete.content;

import static io.accrete.content.ContentAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileContentTest {
  private static final byte[] PHOTO = {1, 2, 3};

  @TempDir private Path temp;
  private Path root;
  private Path outside;
  private ContentResolver content;

  @BeforeEach
  void files() throws IOException {
    root = Files.createDirectories(temp.resolve("root"));
    outside = Files.write(temp.resolve("secret.jpg"), PHOTO);
    Files.write(Files.createDirectories(root.resolve("a/b")).resolve("photo.jpg"), PHOTO);
    content = resolver(root);
  }

  private static ContentResolver resolver(Path root) {
    return ContentResolvers.from(AccreteConfig.of(Map.of("content.file.roots", root.toString(), "image.max.bytes", "1024")));
  }

  private void refused(String uri, Reason reason) {
    assertRefused(content, uri, reason);
  }

  @Test
  void shouldReadFilesBelowARoot() throws ContentException, IOException {
    Files.write(root.resolve("ä b#?.jpg"), PHOTO);

    assertThat(content.fetch(root.resolve("a/b/photo.jpg").toUri().toString())).isEqualTo(PHOTO);
    assertThat(content.fetch("file:" + root + "/a/b/photo.jpg")).isEqualTo(PHOTO);
    assertThat(content.fetch("FILE://" + root + "//a/./b/photo.jpg")).isEqualTo(PHOTO);
    assertThat(content.fetch(root.resolve("ä b#?.jpg").toUri().toString())).isEqualTo(PHOTO);
    assertThat(content.fetch("file:" + root + "/ä%20b%23%3F.jpg")).isEqualTo(PHOTO);
  }

  @Test
  void shouldAcceptExactlyTheLargestSizeAndAnEmptyFile() throws ContentException, IOException {
    Files.write(root.resolve("largest"), new byte[1024]);
    Files.write(root.resolve("larger"), new byte[1025]);
    Files.write(root.resolve("empty"), new byte[0]);

    assertThat(content.fetch("file:" + root + "/largest")).hasSize(1024);
    assertThat(content.fetch("file:" + root + "/empty")).isEmpty();
    refused("file:" + root + "/larger", Reason.TOO_LARGE);
  }

  @Test
  void shouldRefuseWhatIsOutsideWithoutTellingWhetherItExists() {
    refused(outside.toUri().toString(), Reason.NOT_ALLOWED);
    refused("file:///no/such/file", Reason.NOT_ALLOWED);
    refused("file:///etc/passwd", Reason.NOT_ALLOWED);
    refused("file:" + root + "-sibling/photo.jpg", Reason.NOT_ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/../secret.jpg", "/a/../../secret.jpg", "/%2e%2e/secret.jpg", "/a/%2E./%2e./secret.jpg", "/a/b%2Fphoto.jpg",
      "/a%5cphoto.jpg",
      "/a/b/photo.jpg%00", "/..", "", "/", "/a", "/\u012E\u012E\u012Fsecret.jpg/.."})
  void shouldRefuseTrickyPaths(String path) {
    refused("file:" + root + path, Reason.NOT_ALLOWED);
  }

  @Test
  void shouldNotCutWideCharactersToAscii() {
    refused("file:" + root + "/a\u012Fb/photo.jpg", Reason.NOT_FOUND); // U+012F cut to a byte would be '/'
  }

  @ParameterizedTest
  @ValueSource(strings = {"file://server/share/a.jpg", "file:////server/share/a.jpg", "file://localhost/etc/passwd"})
  void shouldRefuseHosts(String uri) {
    refused(uri, Reason.NOT_ALLOWED);
  }

  @Test
  void shouldTellMissingFilesFromMalformedReferences() {
    refused("file:" + root + "/no.jpg", Reason.NOT_FOUND);
    refused("file:" + root + "/a/b/photo.jpg/x", Reason.UNREACHABLE);
    refused("file:" + root + "/" + "x".repeat(300), Reason.UNREACHABLE);
    refused("file:relative.jpg", Reason.INVALID_URI);
    refused("file:" + root + "/a/b/photo.jpg?x=1", Reason.INVALID_URI);
    refused("file:" + root + "/a b.jpg", Reason.INVALID_URI);
  }

  @Test
  void shouldFollowLinksOnlyToWhereRootsAllow() throws IOException, ContentException {
    Files.createSymbolicLink(root.resolve("inside.jpg"), Path.of("a/b/photo.jpg"));
    Files.createSymbolicLink(root.resolve("outside.jpg"), outside);
    Files.createSymbolicLink(root.resolve("up"), temp);
    Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));

    assertThat(content.fetch("file:" + root + "/inside.jpg")).isEqualTo(PHOTO);
    refused("file:" + root + "/outside.jpg", Reason.NOT_ALLOWED);
    refused("file:" + root + "/up/secret.jpg", Reason.NOT_ALLOWED);
    refused("file:" + root + "/loop", Reason.UNREACHABLE);
  }

  @Test
  void shouldServeARootThatIsALinkAndFollowItWhenItTurns() throws IOException, ContentException {
    Path link = Files.createSymbolicLink(temp.resolve("current"), root);
    ContentResolver throughLink = resolver(link);
    assertThat(throughLink.fetch("file:" + link + "/a/b/photo.jpg")).isEqualTo(PHOTO);
    assertThat(throughLink.fetch("file:" + root + "/a/b/photo.jpg")).isEqualTo(PHOTO);

    Files.delete(link);
    Files.createSymbolicLink(link, Files.createDirectory(temp.resolve("next")));
    Files.write(link.resolve("new.jpg"), PHOTO);

    assertThat(throughLink.fetch("file:" + link + "/new.jpg")).isEqualTo(PHOTO);
    assertRefused(throughLink, "file:" + root + "/a/b/photo.jpg", Reason.NOT_ALLOWED);
  }

  @Test
  @Timeout(20)
  void shouldNotWaitForThePeerOfAPipe() throws IOException, InterruptedException {
    Path pipe = root.resolve("pipe");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeTrue(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0, "mkfifo is missing");

    refused("file:" + pipe, Reason.NOT_ALLOWED);
  }

  @Test
  void shouldRefuseDevices() {
    assumeTrue(Files.exists(Path.of("/dev/zero")), "/dev/zero is missing");
    assertRefused(resolver(Path.of("/dev")), "file:/dev/zero", Reason.NOT_ALLOWED);
  }

  @Test
  void shouldNotReadWhatIsExchangedForALinkMeanwhile() throws Exception {
    Path swapped = root.resolve("swapped");
    Path real = Files.createDirectory(root.resolve("real"));
    Files.write(real.resolve("f"), PHOTO);
    Files.write(Files.createDirectory(temp.resolve("elsewhere")).resolve("f"), new byte[] {9});
    Thread attacker = new Thread(() -> {
      try {
        while (!Thread.currentThread().isInterrupted()) {
          Files.move(real, swapped);
          Files.move(swapped, real);
          Files.createSymbolicLink(swapped, temp.resolve("elsewhere"));
          Files.delete(swapped);
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
    attacker.start();
    try {
      for (int i = 0; i < 5000; i++) {
        try {
          assertThat(content.fetch("file:" + swapped + "/f")).isEqualTo(PHOTO);
        } catch (ContentException expected) {
          assertThat(expected.reason()).isNotEqualTo(Reason.TOO_LARGE);
        }
      }
    } finally {
      attacker.interrupt();
      attacker.join();
    }
  }

  @Test
  void shouldExplainARootThatIsMissing() {
    assertThatThrownBy(() -> resolver(temp.resolve("none"))).isInstanceOf(ConfigException.class).hasMessageContaining("is not a directory");
  }
}
