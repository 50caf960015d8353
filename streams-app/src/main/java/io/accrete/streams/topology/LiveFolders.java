package io.accrete.streams.topology;

import io.accrete.state.Latent;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folders of every version that live events fold into. */
final class LiveFolders {
  private static final Logger log = LoggerFactory.getLogger(LiveFolders.class);

  private final ObjectFolder serving;
  private final List<ObjectFolder> others;

  LiveFolders(LiveModels live, Function<ServedModel, ObjectFolder> folder) {
    serving = folder.apply(live.serving());
    others = live.folding().stream().filter(model -> !model.version().equals(serving.version())).map(folder).toList();
  }

  ObjectFolder serving() {
    return serving;
  }

  /**
   * An object's latents after a change: under the version that is served, and under those others that are asked for. A failure of the
   * former is the event's. What fails under another version alone leaves the object without a latent of it.
   */
  Map<String, Latent> fold(String objectId, Predicate<String> others, Fold fold) throws RejectedEventException {
    Map<String, Latent> latents = new TreeMap<>(); // sorted, so that equal states are equal bytes
    latents.put(serving.version(), fold.under(serving));
    for (ObjectFolder other : this.others) {
      if (others.test(other.version())) {
        try {
          latents.put(other.version(), fold.under(other));
        } catch (RejectedEventException | ModelFailedException e) {
          log.warn("Object {} has no embedding now under {}, which is not served: {}", printable(objectId), other.version(),
              e.getMessage());
        }
      }
    }
    return latents;
  }

  /** An id may hold anything; this goes into a line of the log. */
  static String printable(String objectId) {
    return objectId.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  /** Folds under one version what an event made of an object. */
  interface Fold {
    Latent under(ObjectFolder folder) throws RejectedEventException;
  }
}
