package io.accrete.trainer.run;

import io.accrete.bundle.Bundle;
import io.accrete.image.ImageDecoder;
import io.accrete.image.ImageException;
import io.accrete.image.ImageLimits;
import io.accrete.image.Preprocessor;
import io.accrete.retrieval.Photo;
import io.accrete.retrieval.Vectors;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.trainer.report.Neighbours;
import io.accrete.trainer.report.Neighbours.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What people would rather look at than read: whom a photo finds among held-back objects, with the model in use and with the new one. */
final class ContactSheet {
  private static final int QUERIES = 12;
  private static final int SHOWN = 5;
  private static final int PHOTOS = 5; // of each object: one to search with, the others to be found

  private final Map<String, List<byte[]>> objects = new TreeMap<>();

  /** A sheet of these objects; photos that cannot be read are passed over. */
  ContactSheet(Map<String, List<Photo>> heldBack) {
    heldBack.forEach((id, photos) -> {
      List<byte[]> usable = new ArrayList<>();
      for (Photo photo : photos) {
        if (usable.size() < PHOTOS) {
          read(photo).ifPresent(usable::add);
        }
      }
      if (usable.size() > 1) {
        objects.put(id, usable);
      }
    });
  }

  /** Photos of some objects with those found for them, the nearest first. */
  List<Neighbours> neighbours(Bundle before, Bundle after) {
    Map<String, List<String>> old = found(before);
    Map<String, List<String>> found = found(after);
    return found.keySet().stream()
        .map(id -> new Neighbours(id, objects.get(id).get(0), pictures(old.get(id)), pictures(found.get(id)))).toList();
  }

  private List<Found> pictures(List<String> ids) {
    return ids.stream().map(id -> new Found(id, objects.get(id).get(1))).toList();
  }

  private Map<String, List<String>> found(Bundle bundle) {
    Preprocessor preprocessor = new Preprocessor(bundle.preprocessing());
    Map<String, float[]> gallery = new TreeMap<>();
    Map<String, List<String>> found = new TreeMap<>();
    try (Model model = Model.load(bundle, RuntimeOptions.cpu())) {
      objects.forEach((id, photos) -> gallery.put(id, embedding(model, preprocessor, photos.subList(1, photos.size()))));
      objects.keySet().stream().limit(QUERIES).forEach(id -> {
        float[] query = embedding(model, preprocessor, objects.get(id).subList(0, 1));
        found.put(id, gallery.keySet().stream().sorted(Comparator.comparingDouble(other -> -Vectors.dot(query, gallery.get(other))))
            .limit(SHOWN)
            .toList());
      });
    }
    return found;
  }

  private static float[] embedding(Model model, Preprocessor preprocessor, List<byte[]> photos) {
    return Parity.folded(model, photos.stream().map(photo -> model.encode(List.of(pixels(preprocessor, photo)))[0]).toList());
  }

  private static byte[] pixels(Preprocessor preprocessor, byte[] photo) {
    try {
      return preprocessor.pixels(photo, ImageLimits.LOCAL);
    } catch (ImageException e) {
      throw new IllegalStateException(e); // it could be decoded before
    }
  }

  private static Optional<byte[]> read(Photo photo) {
    try {
      byte[] bytes = photo.source().read();
      ImageDecoder.decode(bytes, ImageLimits.LOCAL);
      return Optional.of(bytes);
    } catch (IOException | ImageException e) {
      return Optional.empty(); // the gate has told of it
    }
  }
}
