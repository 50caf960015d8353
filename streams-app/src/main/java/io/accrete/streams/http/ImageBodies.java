package io.accrete.streams.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.accrete.bundle.Sha256;
import io.accrete.content.ContentException;
import io.accrete.content.ContentResolver;
import io.accrete.events.ContentReference;
import io.accrete.events.ImageEvent;
import io.accrete.events.Operation;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.streams.topology.DeadLetterReason;
import io.accrete.streams.topology.EventRules;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpException;

/** Events that add an image, from the bodies of requests; what could never be processed is refused here. Everything is held in memory. */
public final class ImageBodies {
  private static final int JSON_BYTES = 256 * 1024;
  private static final String IMAGE = "image";
  private static final String IMAGE_ID = "imageId";
  private static final String CAPTURED_AT = "capturedAt";
  private static final String SOURCE = "source";
  private static final String ATTRIBUTES = "attributes";
  private static final String URI = "uri";
  private static final String SHA256 = "sha256";
  private static final Set<String> FIELDS = Set.of(IMAGE_ID, CAPTURED_AT, SOURCE, ATTRIBUTES);
  private static final Set<String> MEMBERS = Set.of(IMAGE_ID, URI, SHA256, CAPTURED_AT, SOURCE, ATTRIBUTES);
  private static final String NO_NAME = "blob"; // what browsers call bytes that have none
  private static final String DEFAULT_SOURCE = "http";

  private final ImageLimits limits;
  private final ContentResolver content;

  ImageBodies(ImageLimits limits, ContentResolver content) {
    this.limits = limits;
    this.content = content;
  }

  /** The event that a request asks for; a {@link ProblemException} if it asks for none, or for what is never processed. */
  ImageEvent event(Context context) throws IOException {
    ImageEvent event = switch (Bodies.mediaType(context)) {
      case "multipart/form-data" -> uploaded(context);
      case Json.TYPE -> referred(Bodies.json(context, JSON_BYTES));
      default -> throw new ProblemException(415, "Unsupported media type", "Expected multipart/form-data with a part '" + IMAGE + "', or "
          + Json.TYPE + " with a '" + URI + "'; found '" + Bodies.mediaType(context) + "'.");
    };
    EventRules.violation(event).ifPresent(violation -> {
      throw ProblemException.badRequest(violation);
    });
    return event;
  }

  private ImageEvent uploaded(Context context) throws IOException {
    Map<String, List<UploadedFile>> files;
    Map<String, List<String>> fields;
    try {
      files = context.uploadedFileMap();
      fields = new HashMap<>(context.formParamMap());
      fields.keySet().removeAll(files.keySet());
    } catch (Exception e) { // Javalin hides checked ones
      throw unreadable(e);
    }
    files.keySet().stream().filter(name -> !name.equals(IMAGE)).findFirst().ifPresent(other -> {
      throw ProblemException.badRequest("The part '" + other + "' is a file: expected one file alone, '" + IMAGE + "'.");
    });
    fields.keySet().stream().filter(name -> !FIELDS.contains(name)).findFirst().ifPresent(other -> {
      throw ProblemException.badRequest(other.equals(IMAGE) ? "The part '" + IMAGE + "' is text: send it as a file, with a file name."
          : "There is no field '" + other + "': expected " + FIELDS.stream().sorted().toList() + " beside the file '" + IMAGE + "'.");
    });
    List<UploadedFile> images = files.getOrDefault(IMAGE, List.of());
    if (images.size() != 1) {
      throw ProblemException.badRequest("Expected one file '" + IMAGE + "', found " + images.size() + ".");
    }
    byte[] bytes;
    try (InputStream in = images.get(0).content()) {
      bytes = in.readAllBytes();
    }
    check(bytes);
    Map<String, String> texts = new HashMap<>();
    fields.forEach((name, values) -> {
      if (values.size() != 1) {
        throw ProblemException.badRequest("Expected one field '" + name + "', found " + values.size() + ".");
      }
      texts.put(name, values.get(0));
    });
    String imageId = Optional.ofNullable(texts.get(IMAGE_ID))
        .or(() -> Optional.of(images.get(0).filename()).filter(name -> !name.isEmpty() && !name.equals(NO_NAME)))
        .orElseGet(() -> Sha256.of(bytes));
    return event(imageId, ByteBuffer.wrap(bytes), Optional.ofNullable(texts.get(CAPTURED_AT)), Optional.ofNullable(texts.get(SOURCE)),
        texts.containsKey(ATTRIBUTES) ? attributes(Json.parse(texts.get(ATTRIBUTES).getBytes(StandardCharsets.UTF_8)))
            : Map.of());
  }

  /** Jetty's refusals stay what they are; all others mean that the body is none. */
  public static RuntimeException unreadable(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException refusal && refusal.getCode() == 413) {
        return new ProblemException(413, "Body too large", "The body is larger than image.max.bytes allows.");
      }
    }
    return ProblemException.badRequest("The body is not the multipart/form-data that its Content-Type announces.");
  }

  private void check(byte[] bytes) {
    try {
      ImageDecoder.check(bytes, limits);
    } catch (ImageException e) {
      throw refusal(e);
    }
  }

  /** 413 or 422 for an image that cannot be used. */
  public static ProblemException refusal(ImageException e) {
    boolean tooLarge = e.reason() == ImageException.Reason.TOO_MANY_BYTES;
    return new ProblemException(tooLarge ? 413 : 422, tooLarge ? "Image too large" : "Image cannot be used", e.getMessage())
        .member("reason", DeadLetterReason.of(e.reason()).name());
  }

  private ImageEvent referred(JsonNode json) {
    if (!json.isObject()) {
      throw ProblemException.badRequest("Expected a JSON object with '" + IMAGE_ID + "' and '" + URI + "'.");
    }
    json.fieldNames().forEachRemaining(name -> {
      if (!MEMBERS.contains(name)) {
        throw ProblemException.badRequest("There is no member '" + name + "': expected " + MEMBERS.stream().sorted().toList() + ".");
      }
    });
    String uri = text(json, URI).orElseThrow(() -> missing(URI));
    String imageId = text(json, IMAGE_ID).orElseThrow(() -> missing(IMAGE_ID));
    try {
      content.check(uri);
    } catch (ContentException e) {
      throw e.reason() == ContentException.Reason.INVALID_URI ? ProblemException.badRequest(e.getMessage())
          : new ProblemException(422, "Reference not allowed", e.getMessage()).member("reason", DeadLetterReason.of(e.reason()).name());
    }
    return event(imageId, new ContentReference(uri, text(json, SHA256).orElse(null)), text(json, CAPTURED_AT), text(json, SOURCE),
        json.has(ATTRIBUTES) ? attributes(json.get(ATTRIBUTES)) : Map.of());
  }

  private static ProblemException missing(String name) {
    return ProblemException.badRequest("The member '" + name + "' is missing.");
  }

  private static Optional<String> text(JsonNode json, String name) {
    if (!json.has(name)) {
      return Optional.empty();
    }
    if (!json.get(name).isTextual()) {
      throw ProblemException.badRequest("'" + name + "': expected a string, found " + json.get(name).getNodeType() + ".");
    }
    return Optional.of(json.get(name).textValue());
  }

  private static Map<String, String> attributes(JsonNode json) {
    if (!json.isObject()) {
      throw ProblemException.badRequest("'" + ATTRIBUTES + "': expected a JSON object of strings.");
    }
    Map<String, String> attributes = new HashMap<>();
    json.fieldNames().forEachRemaining(name -> attributes.put(name, text(json, name).orElseThrow()));
    return attributes;
  }

  private static ImageEvent event(String imageId, Object image, Optional<String> capturedAt, Optional<String> source,
      Map<String, String> attributes) {
    return ImageEvent.newBuilder().setImageId(imageId).setOperation(Operation.ADD).setContent(image)
        .setCapturedAt(capturedAt.map(ImageBodies::instant).orElse(null)).setSource(source.orElse(DEFAULT_SOURCE)).setAttributes(attributes)
        .build();
  }

  private static Instant instant(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
    } catch (DateTimeException e) {
      throw ProblemException.badRequest("'" + CAPTURED_AT + "': expected a time like 2026-01-31T12:30:00Z, found '"
          + (text.length() > 100 ? text.substring(0, 100) + "…" : text) + "'.");
    }
  }
}
