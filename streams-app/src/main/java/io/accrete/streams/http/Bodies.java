package io.accrete.streams.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Locale;

/** Bodies of requests, held in memory and bounded; what does not fit is a {@link ProblemException}. */
public final class Bodies {
  /** Room beside an image for the other parts of a multipart body. */
  public static final int MULTIPART_BYTES = 64 * 1024;

  private Bodies() {}

  /** The whole body; 413 if it is larger. */
  public static byte[] bytes(Context context, int most) throws IOException {
    byte[] body = context.contentLength() > most ? null : context.req().getInputStream().readNBytes(most + 1);
    if (body == null || body.length > most) {
      throw new ProblemException(413, "Body too large", "The body is larger than " + most + " bytes, the most that is taken here.");
    }
    return body;
  }

  /** The whole body as JSON; 415 if it says that it is something else, 400 if it is none, 413 if it is larger. */
  public static JsonNode json(Context context, int most) throws IOException {
    if (!mediaType(context).equals(Json.TYPE)) {
      throw new ProblemException(415, "Unsupported media type",
          "Expected a body of " + Json.TYPE + ", found '" + mediaType(context) + "'.");
    }
    return Json.parse(bytes(context, most));
  }

  /** The body's media type in lower case, without parameters; empty if the request does not say. */
  public static String mediaType(Context context) {
    String type = context.contentType();
    return type == null ? "" : type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }
}
