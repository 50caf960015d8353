package io.accrete.streams.http;

import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Thumbnail;
import io.accrete.state.LedgerEntry;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;

/** The images of objects, as they came or small. */
public final class ImageRoutes implements Routes {
  private static final int SMALLEST = 16;
  private static final int LARGEST = 1024;
  private static final int AT_ONCE = 8;
  private static final int WAITING = 512;
  /** Decoding takes memory for every pixel, and processor time that the stream threads need. */
  private static final int DECODED_AT_ONCE = 2;
  private static final String MAY_BE_KEPT = "private, max-age=300"; // an image may be replaced

  private final ImageQueries images;
  private final ImageLimits limits;
  private final PeerClient peers;
  private final Jobs jobs = new Jobs("images", AT_ONCE, WAITING);
  private final Semaphore decoding = new Semaphore(DECODED_AT_ONCE);

  public ImageRoutes(ImageQueries images, ImageLimits limits, PeerClient peers) {
    this.images = images;
    this.peers = peers;
    this.limits = limits;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/objects/{objectId}/images/{imageId}", this::image);
  }

  private void image(Context context) throws QueryUnavailableException, IOException {
    String objectId = PathIds.of(context, "objectId");
    String imageId = PathIds.of(context, "imageId");
    int size = Params.integer(context, "size", SMALLEST, LARGEST, 0);
    LedgerEntry entry;
    try {
      entry = images.entry(objectId, imageId).orElseThrow(() ->
          ProblemException.notFound("No such image", "Object '" + objectId + "' has no image '" + imageId + "'."));
    } catch (QueryUnavailableException e) {
      if (!peers.relay(context, objectId)) {
        throw e;
      }
      return;
    }
    String tag = "\"" + HexFormat.of().formatHex(entry.getSha256().bytes()) + (size == 0 ? "" : "-" + size) + "\"";
    if (isKnown(context, tag)) {
      cacheable(context, tag).status(304);
      return;
    }
    jobs.answer(context, () -> answer(context, objectId, entry, size, tag));
  }

  private void answer(Context context, String objectId, LedgerEntry entry, int size, String tag) throws Exception {
    try {
      byte[] bytes = images.bytes(objectId, entry);
      if (size == 0) {
        whole(cacheable(context, tag), bytes);
      } else {
        byte[] small = small(bytes, size);
        cacheable(context, tag).contentType("image/jpeg").result(small);
      }
    } catch (UnreadableImageException e) {
      throw unreadable(e.getMessage());
    } catch (ImageException e) {
      throw unreadable("Image '" + entry.getImageId() + "' cannot be decoded any more: " + e.getMessage());
    }
  }

  /** 502: an image that lies elsewhere cannot be read now. */
  static ProblemException unreadable(String detail) {
    return new ProblemException(502, "Image cannot be read", detail);
  }

  private static boolean isKnown(Context context, String tag) {
    String known = context.header("If-None-Match");
    return known != null && Arrays.stream(known.split(",")).map(each -> each.trim().replaceFirst("^W/", ""))
        .anyMatch(each -> each.equals(tag) || each.equals("*"));
  }

  private static Context cacheable(Context context, String tag) {
    return context.header("Cache-Control", MAY_BE_KEPT).header("ETag", tag);
  }

  /** What does not begin like an image is nothing that a browser should show. */
  private static void whole(Context context, byte[] bytes) {
    String type = ImageDecoder.mediaType(bytes).orElseGet(() -> {
      context.header("Content-Disposition", "attachment");
      return "application/octet-stream";
    });
    context.contentType(type).result(bytes);
  }

  private byte[] small(byte[] bytes, int size) throws ImageException, InterruptedException {
    decoding.acquire();
    try {
      return Thumbnail.jpeg(bytes, limits, size);
    } finally {
      decoding.release();
    }
  }

  @Override
  public void close() {
    jobs.close();
  }
}
