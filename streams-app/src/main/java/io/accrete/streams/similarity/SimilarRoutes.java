package io.accrete.streams.similarity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ModelSource;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.http.Bodies;
import io.accrete.streams.http.ImageBodies;
import io.accrete.streams.http.Json;
import io.accrete.streams.http.ObjectQueries;
import io.accrete.streams.http.ObjectRoutes;
import io.accrete.streams.http.ObjectView;
import io.accrete.streams.http.Params;
import io.accrete.streams.http.PathIds;
import io.accrete.streams.http.Peer;
import io.accrete.streams.http.PeerClient;
import io.accrete.streams.http.Peers;
import io.accrete.streams.http.ProblemException;
import io.accrete.streams.http.QueryUnavailableException;
import io.accrete.streams.http.Routes;
import io.accrete.streams.http.Scope;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Lists and searches of objects, of all instances together; one that is asked by another answers from its own partitions. */
public final class SimilarRoutes implements Routes {
  private static final String LIST = "/v1/objects";
  private static final String SEARCH = "/v1/similar";
  private static final String MAP = "/v1/map";
  private static final int MOST_K = 1000;
  private static final int MOST_LISTED = 5000;
  private static final int VECTOR_BYTES = 1 << 20;

  private final SimilarObjects similar;
  private final ObjectQueries objects;
  private final Supplier<Optional<LiveModels>> live;
  private final PhotoEmbedder photos;
  private final Peers peers;
  private final PeerClient client;
  private final Gathering gathering;
  private final Maps maps = new Maps();
  private final int maxImageBytes;

  /**
   * The routes.
   *
   * @param live which models there are, for their names alone
   * @param models gives what keeps models open until it is closed
   * @param maxImageBytes largest photo that is searched for
   */
  public SimilarRoutes(SimilarObjects similar, ObjectQueries objects, Supplier<Optional<LiveModels>> live, Supplier<ModelSource> models,
      Peers peers, PeerClient client, int maxImageBytes) {
    this.similar = similar;
    this.objects = objects;
    this.live = live;
    this.photos = new PhotoEmbedder(models);
    this.peers = peers;
    this.client = client;
    this.gathering = new Gathering(peers);
    this.maxImageBytes = maxImageBytes;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    routes.get(LIST, this::list);
    routes.get("/v1/objects/{objectId}/similar", this::similarToObject);
    routes.post(SEARCH, this::similarToPhoto, Scope.READ);
    routes.get(MAP, this::map);
  }

  private void list(Context context) {
    String version = version(Optional.empty());
    int limit = Params.integer(context, "limit", 1, MOST_LISTED, 100);
    Found<ObjectSummary> own = similar.latest(limit, filters(context));
    answer(context, own, peer -> client.get(context, peer, LIST + "?limit=" + limit + filterQuery(context)),
        json -> Answers.read(json.path("objects"), Answers::summary), found -> {
          Best<ObjectSummary> best = new Best<>(limit, ObjectSummary.NEWEST);
          Set<String> listed = new HashSet<>(); // one that is moving may be told by two
          found.found().stream().filter(object -> listed.add(object.objectId())).forEach(best::add);
          return Answers.list(version, found.total(), best.inOrder());
        });
  }

  private void similarToObject(Context context) throws QueryUnavailableException {
    String id = PathIds.of(context, "objectId");
    String version = version(Params.text(context, "model"));
    int k = k(context);
    Filters filters = filters(context);
    Optional<float[]> here = similar.embedding(id, version);
    if (here.isPresent()) {
      search(context, new Search(version, here.get(), k, filters, Optional.of(id)));
      return;
    }
    Optional<Peer> owner = peers.owner(id).filter(peer -> !peer.self());
    if (owner.isEmpty() || PeerClient.isLocalOnly(context)) {
      ObjectView object = objects.find(id, Optional.of(version), false).orElseThrow(() -> ObjectRoutes.unknown(id));
      search(context, new Search(version, object.embedding(), k, filters, Optional.of(id)));
      return;
    }
    String path = LIST + "/" + PathIds.encode(id) + "?model=" + encoded(version);
    context.future(() -> client.get(context, owner.get(), path).thenCompose(response -> {
      Search search = new Search(version, Answers.embedding(response), k, filters, Optional.of(id));
      return answered(context, similar.nearest(search), search);
    }));
  }

  private void similarToPhoto(Context context) throws IOException, InterruptedException {
    String version = version(Params.text(context, "model"));
    int k = k(context);
    Filters filters = filters(context);
    String type = Bodies.mediaType(context);
    if (type.startsWith("image/")) {
      search(context, new Search(version, photos.embed(Bodies.bytes(context, maxImageBytes), version), k, filters, Optional.empty()));
    } else if (type.equals("multipart/form-data")) {
      search(context, new Search(version, photos.embed(uploaded(context), version), k, filters, Optional.empty()));
    } else if (type.equals("application/json")) {
      JsonNode query = Bodies.json(context, VECTOR_BYTES);
      search(context, new Search(version, Answers.vector(query), k, filters, Answers.exclude(query)));
    } else {
      throw new ProblemException(415, "Unsupported media type", "Expected a photo (image/*, or multipart/form-data with a part 'image') "
          + "or a vector (application/json), found '" + type + "'.");
    }
  }

  private byte[] uploaded(Context context) throws IOException {
    List<UploadedFile> files;
    try {
      files = context.uploadedFiles("image");
    } catch (Exception e) { // Javalin hides checked ones
      throw ImageBodies.unreadable(e);
    }
    if (files.size() != 1) {
      throw ProblemException.badRequest("Expected one file in the part 'image', found " + files.size() + ".");
    }
    if (files.get(0).size() > maxImageBytes) {
      throw new ProblemException(413, "Image too large", "The image has " + files.get(0).size() + " bytes; at most " + maxImageBytes
          + " are allowed (image.max.bytes).");
    }
    try (InputStream content = files.get(0).content()) {
      return content.readAllBytes();
    }
  }

  private void search(Context context, Search search) {
    Found<Neighbour> own = nearest(search);
    context.future(() -> answered(context, own, search));
  }

  private Found<Neighbour> nearest(Search search) {
    try {
      return similar.nearest(search);
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest("The vector is not one of model " + search.version() + ": " + e.getMessage());
    }
  }

  private CompletableFuture<?> answered(Context context, Found<Neighbour> own, Search search) {
    String path = SEARCH + "?k=" + search.k() + "&model=" + encoded(search.version()) + filterQuery(context);
    return gathered(context, own, peer -> client.post(context, peer, path, Answers.query(search)),
        json -> Answers.read(json.path("neighbours"), Answers::neighbour), found -> {
          Best<Neighbour> best = new Best<>(search.k(), Neighbour.ORDER);
          Set<String> listed = new HashSet<>();
          found.found().stream().filter(near -> listed.add(near.object().objectId())).forEach(best::add);
          return Answers.neighbours(search.version(), best.inOrder());
        });
  }

  private void map(Context context) {
    String version = version(Params.text(context, "model"));
    int limit = Params.integer(context, "limit", 1, MOST_LISTED, 100);
    Found<Sampled> own = similar.sample(version, limit);
    if (PeerClient.isLocalOnly(context)) {
      Json.send(context, Answers.partitions(Answers.sample(version, own), own));
      return;
    }
    answer(context, own, peer -> client.get(context, peer, MAP + "?limit=" + limit + "&model=" + encoded(version)),
        json -> Answers.read(json.path("sample"), Answers::sampled), found -> {
          Best<Sampled> best = new Best<>(limit, Sampled.ORDER);
          found.found().forEach(best::add);
          List<Sampled> sample = best.inOrder();
          return Answers.map(version, found.total(), sample, maps.of(version, sample));
        });
  }

  private <T> void answer(Context context, Found<T> own, Asking ask, Reading<T> read, Answering<T> answering) {
    context.future(() -> gathered(context, own, ask, read, answering));
  }

  private <T> CompletableFuture<?> gathered(Context context, Found<T> own, Asking ask, Reading<T> read, Answering<T> answering) {
    if (PeerClient.isLocalOnly(context)) {
      Json.send(context, Answers.partitions(answering.json(own), own));
      return CompletableFuture.completedFuture(null);
    }
    return gathering.all(own, ask::of, read::from).thenAccept(found -> Json.send(context, answering.json(found)));
  }

  /** The version that is asked for, or else served; 503 where there are no answers. */
  private String version(Optional<String> asked) {
    similar.refusal().ifPresent(reason -> {
      throw ProblemException.unavailable(reason);
    });
    LiveModels models = live.get().orElseThrow(() -> ProblemException.unavailable("No model is loaded. Try again when /health/ready says "
        + "that one is."));
    if (asked.isPresent() && !models.folds(asked.get())) {
      throw Params.refusal("model", "one of " + models.folding().stream().map(ServedModel::version).toList() + ", which are live",
          asked.get());
    }
    return asked.orElse(models.serving().version());
  }

  private static int k(Context context) {
    return Params.integer(context, "k", 1, MOST_K, 10);
  }

  private static Filters filters(Context context) {
    try {
      return Filters.parse(Params.all(context, "filter"));
    } catch (IllegalArgumentException e) {
      throw ProblemException.badRequest(e.getMessage());
    }
  }

  private static String filterQuery(Context context) {
    StringBuilder query = new StringBuilder();
    Params.all(context, "filter").forEach(filter -> query.append("&filter=").append(encoded(filter)));
    return query.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private interface Asking {
    CompletableFuture<HttpResponse<byte[]>> of(Peer peer);
  }

  private interface Reading<T> {
    List<T> from(JsonNode answer);
  }

  private interface Answering<T> {
    ObjectNode json(Found<T> found);
  }
}
