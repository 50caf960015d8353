package io.accrete.content;

import static io.accrete.content.ContentAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentException.Reason;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentResolversTest {
  private static ContentResolver resolver(Map<String, String> settings) {
    return ContentResolvers.from(AccreteConfig.of(settings), host -> {
      throw new UnknownHostException(host);
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "http://example.com/a.jpg", "https://example.com/a.jpg", "s3://photos/a.jpg",
      "ftp://example.com/a", "jar:file:/a!/b",
      "gopher://x/", "data:image/png;base64,AAAA", "jndi:ldap://x"})
  void shouldAllowNothingByDefault(String uri) {
    try (ContentResolver content = resolver(Map.of())) {
      Reason reason = uri.matches("(jar|data|jndi):.*") ? Reason.INVALID_URI : Reason.NOT_ALLOWED;
      assertRefused(content, uri, reason);
    }
  }

  @Test
  void shouldNameTheSchemesThatAreAllowed() {
    try (ContentResolver content = resolver(Map.of("content.http.hosts", "*", "content.s3.buckets", "*"))) {
      assertThat(assertRefused(content, "ftp://example.com/a", Reason.NOT_ALLOWED)).hasMessageContaining("ftp: are not allowed")
          .hasMessageContaining("http:, https:, s3:");
    }
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "/etc/passwd", "photo.jpg", "//host/a", "\u0000", "http://a/\ud800", ":", "http://a/%zz"})
  void shouldExplainWhatIsNoReference(String uri) {
    try (ContentResolver content = resolver(Map.of("content.http.hosts", "*"))) {
      assertRefused(content, uri, Reason.INVALID_URI);
      assertRefused(content, "http://a/" + "x".repeat(10_000), Reason.INVALID_URI);
    }
  }

  @Property(tries = 3000)
  void shouldRefuseAnyTextWithAMessage(@ForAll("references") String uri) {
    // The directory is empty, names never resolve and no bucket is called like this: nothing can be read, whatever the text.
    try (ContentResolver content = resolver(Map.of("content.file.roots", "target", "content.http.hosts", "*", "content.s3.buckets",
        "no.such"))) {
      check(content, uri);
      byte[] bytes = content.fetch(uri);
      fail("read %d bytes of %s", bytes.length, uri);
    } catch (ContentException e) {
      assertThat(e.reason()).isNotNull();
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(600).isPrintable();
    }
  }

  /** What is refused without reading anything is refused when it is read, for the same reason. */
  private static void check(ContentResolver content, String uri) {
    try {
      content.check(uri);
    } catch (ContentException e) {
      assertRefused(content, uri, e.reason());
    }
  }

  @Test
  void shouldTellWithoutReadingWhatIsNeverAllowed() throws ContentException {
    try (ContentResolver content = resolver(Map.of("content.file.roots", "target", "content.http.hosts", "*.example.com",
        "content.s3.buckets", "photos"))) {
      content.check(Path.of("target").toUri() + "none.jpg");
      content.check("https://cdn.example.com/none.jpg");
      content.check("s3://photos/none.jpg");
      Map.of("file:///etc/passwd", Reason.NOT_ALLOWED, "https://example.org/a.jpg", Reason.NOT_ALLOWED, "s3://other/a", Reason.NOT_ALLOWED,
          "ftp://cdn.example.com/a", Reason.NOT_ALLOWED, "photo.jpg", Reason.INVALID_URI)
          .forEach((uri, reason) -> assertThatExceptionOfType(ContentException.class).isThrownBy(() -> content.check(uri))
              .extracting(ContentException::reason).isEqualTo(reason));
    }
  }

  @Provide
  Arbitrary<String> references() {
    Arbitrary<String> piece = Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.of("http", "https", "file", "s3", ":", "/", "//", "..", ".", "%2e", "%2F", "%00", "%", "@", "?", "#",
            "[", "]", "::1", "127.0.0.1",
            "localhost", "\\", "~", "a", "\u012F", "\ud83d\ude00", "\ud800", "\u202e", "\r\n", "\t", " ", "0x7f", ":80", ":99999999999")),
        Tuple.of(1, Arbitraries.strings().ofMaxLength(8)));
    Arbitrary<String> free = piece.list().ofMaxSize(12).map(list -> String.join("", list));
    Arbitrary<String> prefix = Arbitraries.of("", "http://", "https://", "file:", "file://", "s3://");
    return prefix.flatMap(start -> free.map(rest -> start + rest));
  }
}
