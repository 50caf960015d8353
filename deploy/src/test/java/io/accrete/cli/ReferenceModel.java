package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.accrete.events.ImageEvent;
import io.accrete.events.ObjectEmbedding;
import io.accrete.events.Operation;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.streams.encode.ServedModel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules of the ledger in their simplest form: every embedding is folded from nothing. The app must publish what this does. */
final class ReferenceModel {
  /** One published record; a null embedding: the object is gone. */
  record Change(long sequence, int images, String lastImageId, float[] embedding) {
    /** What was published; null: the object is gone. */
    static Change of(ObjectEmbedding value) {
      if (value == null) {
        return new Change(0, 0, null, null);
      }
      return new Change(value.getSequence(), value.getImageCount(), value.getLastImageId(), Runs.vector(value));
    }

    /** Fails unless they are the same but for rounding. */
    static void assertEqual(String object, List<Change> found, List<Change> expected) {
      assertThat(found).as(object).usingRecursiveComparison().ignoringFields("embedding").isEqualTo(expected);
      for (int i = 0; i < expected.size(); i++) {
        float[] embedding = expected.get(i).embedding();
        if (embedding == null) {
          assertThat(found.get(i).embedding()).as(object + " change " + i).isNull();
        } else {
          assertThat(found.get(i).embedding()).as(object + " change " + i).containsExactly(embedding, within(1e-6f));
        }
      }
    }
  }

  private static final class Known {
    final LinkedHashMap<String, ByteBuffer> ledger = new LinkedHashMap<>();
    long sequence;
    String version;
  }

  private final Map<String, Known> objects = new TreeMap<>();
  private final Map<String, Map<String, List<Change>>> history = new HashMap<>();
  private final Map<ByteBuffer, float[]> tokens = new HashMap<>();
  private ServedModel served;
  private int deadLetters;

  /** The model under which events are folded from now on. */
  void serve(Model model) {
    served = ServedModel.of(model, ImageLimits.LOCAL);
    tokens.clear();
  }

  /** Applies an event; null deletes. */
  void apply(String object, ImageEvent event) {
    Known known = objects.get(object);
    if (event == null) {
      delete(object, known);
    } else if (event.getOperation() == Operation.REMOVE) {
      if (known != null && known.ledger.remove(event.getImageId()) != null) {
        if (known.ledger.isEmpty()) {
          delete(object, known);
        } else {
          change(object, known);
        }
      }
    } else {
      add(object, known, event.getImageId(), (ByteBuffer) event.getContent());
    }
  }

  private void add(String object, Known known, String image, ByteBuffer content) {
    if (known != null && content.equals(known.ledger.get(image))) {
      if (!known.version.equals(served.version())) {
        known.version = served.version();
        publish(object, known);
      }
      return;
    }
    try {
      encode(content);
    } catch (ImageException e) {
      deadLetters++;
      return;
    }
    Known changed = known == null ? new Known() : known;
    objects.put(object, changed);
    changed.ledger.remove(image);
    changed.ledger.put(image, content);
    change(object, changed);
  }

  private void change(String object, Known known) {
    known.sequence++;
    known.version = served.version();
    publish(object, known);
  }

  private void publish(String object, Known known) {
    List<String> images = List.copyOf(known.ledger.keySet());
    history(served.version(), object).add(new Change(known.sequence, images.size(), images.get(images.size() - 1), fold(known)));
  }

  private void delete(String object, Known known) {
    if (known != null) {
      objects.remove(object);
      history(served.version(), object).add(new Change(0, 0, null, null));
      if (!known.version.equals(served.version())) {
        history(known.version, object).add(new Change(0, 0, null, null));
      }
    }
  }

  private float[] fold(Known known) {
    Folded folded = null;
    int count = 0;
    for (ByteBuffer content : known.ledger.values()) {
      try {
        folded = served.folder().fold(folded == null ? null : folded.state(), encode(content), count++);
      } catch (ImageException e) {
        throw new IllegalStateException("in the ledger, so it was readable", e);
      }
    }
    return folded.embedding();
  }

  private float[] encode(ByteBuffer content) throws ImageException {
    float[] known = tokens.get(content);
    if (known == null) {
      known = served.encoder().encode(content.array());
      tokens.put(content, known);
    }
    return known;
  }

  private List<Change> history(String version, String object) {
    return history(version).computeIfAbsent(object, any -> new ArrayList<>());
  }

  /** Object to what was published of it under a version, in order. */
  Map<String, List<Change>> history(String version) {
    return history.computeIfAbsent(version, any -> new TreeMap<>());
  }

  /** Number of images of an object; 0: there is no such object. */
  int images(String object) {
    return objects.containsKey(object) ? objects.get(object).ledger.size() : 0;
  }

  int deadLetters() {
    return deadLetters;
  }
}
