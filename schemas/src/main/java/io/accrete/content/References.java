package io.accrete.content;

import static io.accrete.content.ContentException.Reason.INVALID_URI;
import static io.accrete.content.ContentException.Reason.NOT_ALLOWED;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** Parses references strictly, and names them in messages without what may be secret. */
final class References {
  private static final int MAX_LENGTH = 8192;
  private static final int MAX_SHOWN = 200;

  private References() {}

  /** An absolute, hierarchical URI without user information. */
  static URI parse(String text) throws ContentException {
    if (text == null || text.isBlank()) {
      throw new ContentException(INVALID_URI, "The content reference is empty: expected a URI such as https://host/photo.jpg.");
    }
    if (text.length() > MAX_LENGTH) {
      throw new ContentException(INVALID_URI, "The content reference has " + text.length() + " characters: at most " + MAX_LENGTH
          + " are accepted.");
    }
    URI uri;
    try {
      uri = new URI(ascii(text));
    } catch (URISyntaxException e) {
      // The text itself is not repeated: it may hold a password or a signature.
      throw new ContentException(INVALID_URI, "The content reference is not a URI (" + e.getReason() + " at position " + e.getIndex()
          + "): percent-encode what a URI does not permit.");
    }
    if (uri.getScheme() == null) {
      throw new ContentException(INVALID_URI, "The content reference has no scheme: expected a URI such as file:///photos/1.jpg or "
          + "https://host/photo.jpg.");
    }
    if (uri.isOpaque() || uri.getRawPath() == null) {
      throw new ContentException(INVALID_URI, "The content reference has no path: expected " + scheme(uri) + ":// or " + scheme(uri)
          + ":/ and a path.");
    }
    String authority = uri.getRawAuthority();
    if (authority != null && authority.indexOf('@') >= 0) {
      throw new ContentException(NOT_ALLOWED, "The content reference holds user information before an '@': credentials belong in the "
          + "configuration, not in events.");
    }
    return uri;
  }

  /** Percent-encodes what is not ASCII, as RFC 3987 maps an IRI to a URI; java.net.URI would let it through, and others cut it to bytes. */
  private static String ascii(String text) throws ContentException {
    StringBuilder ascii = new StringBuilder(text.length());
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)); // refuses lone surrogates
      while (bytes.hasRemaining()) {
        byte b = bytes.get();
        if (b >= 0) {
          ascii.append((char) b);
        } else {
          ascii.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
      }
    } catch (CharacterCodingException e) {
      throw new ContentException(INVALID_URI, "The content reference is not valid Unicode.", e);
    }
    return ascii.toString();
  }

  static String scheme(URI uri) {
    return uri.getScheme().toLowerCase(Locale.ROOT);
  }

  /** The reference for a message: without query and fragment, where signatures and tokens are, and not too long. */
  static String shown(URI uri) {
    String authority = uri.getRawAuthority();
    String text = scheme(uri) + ":" + (authority == null ? "" : "//" + authority) + (uri.getRawPath() == null ? "" : uri.getRawPath());
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
  }
}
