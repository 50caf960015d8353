package io.accrete.streams.http;

import io.accrete.streams.feed.EmbeddingFeed;
import io.accrete.streams.feed.FeedConnection;
import io.accrete.streams.feed.FeedRequest;
import io.accrete.streams.feed.Place;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectableChannelEndPoint;

/** Embeddings as they change, as server-sent events. */
public final class StreamRoutes implements Routes {
  private static final int MAX_OBJECTS = 1000;
  private static final int SEND_BUFFER = 256 * 1024; // what the system holds for a client that does not read
  private static final Duration LATER = Duration.ofSeconds(10);

  private final EmbeddingFeed feed;

  /** @param feed to be closed before the server, else its clients are cut off */
  public StreamRoutes(EmbeddingFeed feed) {
    this.feed = feed;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get("/v1/embeddings/stream", this::stream);
  }

  private void stream(Context context) throws IOException {
    FeedRequest request = request(context);
    FeedConnection connection = connection(context);
    EmbeddingFeed.Seat seat = feed.seat().orElseThrow(() -> ProblemException.unavailable(
        "This instance streams to as many clients as it may (http.stream.clients). Try again later, or ask another instance.")
        .retryAfter(LATER));
    context.contentType("text/event-stream;charset=utf-8").header("X-Accel-Buffering", "no").header("Connection", "close");
    context.future(() -> {
      context.req().getAsyncContext().setTimeout(0);
      return seat.serve(request, connection);
    });
  }

  private static FeedRequest request(Context context) {
    List<String> objects = Params.all(context, "object");
    if (objects.size() > MAX_OBJECTS || objects.contains("")) {
      throw Params.refusal("object", "up to " + MAX_OBJECTS + " ids", objects.contains("") ? "" : objects.size() + " of them");
    }
    String from = Params.text(context, "from").orElse("now");
    if (!from.equals("now") && !from.equals("beginning")) {
      throw Params.refusal("from", "now or beginning", from);
    }
    return new FeedRequest(Set.copyOf(objects), Params.flag(context, "vectors", true), after(context), from.equals("beginning"));
  }

  private static Optional<Place> after(Context context) {
    String id = context.header("Last-Event-ID");
    try {
      return id == null || id.isEmpty() ? Optional.empty() : Optional.of(Place.parse(id));
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest(e.getMessage());
    }
  }

  private static FeedConnection connection(Context context) throws IOException {
    EndPoint endPoint =
        ServletContextRequest.getServletContextRequest(context.req()).getConnectionMetaData().getConnection().getEndPoint();
    if (endPoint instanceof SelectableChannelEndPoint socket && socket.getChannel() instanceof NetworkChannel channel) {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
    }
    OutputStream out = context.res().getOutputStream(); // not Javalin's, which would compress
    return new FeedConnection() {
      @Override
      public OutputStream out() {
        return out;
      }

      @Override
      public void cut() {
        endPoint.close();
      }
    };
  }
}
