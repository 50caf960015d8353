package io.accrete.flink;

import io.accrete.events.ObjectEmbedding;
import io.accrete.image.ImageException;
import io.accrete.runtime.Folded;
import io.accrete.runtime.Model;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.encode.ServedModel;
import io.accrete.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Folds photos into their objects. The state is the app's: of each object its latent, of each image an entry in the ledger and the bytes.
 * The same image with the same content changes nothing; with other content it takes the place of its own arrival, and the object is folded
 * again.
 */
final class Folding extends KeyedProcessFunction<String, EncodedPhoto, Publication> {
  private final JobSettings settings;
  private transient ValueState<ObjectLatent> objects;
  private transient MapState<String, LedgerEntry> ledger;
  private transient MapState<String, byte[]> images;
  private transient Model model;
  private transient ServedModel served;
  private transient Serializer<ObjectEmbedding> serializer;
  private transient String topic;

  Folding(JobSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    objects = getRuntimeContext().getState(new ValueStateDescriptor<>("objects", TypeInformation.of(ObjectLatent.class)));
    ledger = getRuntimeContext().getMapState(new MapStateDescriptor<>("ledger", Types.STRING, TypeInformation.of(LedgerEntry.class)));
    images = getRuntimeContext().getMapState(
        new MapStateDescriptor<>("images", Types.STRING, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    model = settings.load();
    served = settings.served(model);
    serializer = AvroSerdes.serializer(settings.config());
    topic = new Topics(settings.config()).embeddings(model.version());
  }

  @Override
  public void processElement(EncodedPhoto encoded, Context context, Collector<Publication> out) throws Exception {
    Photo photo = encoded.photo();
    LedgerEntry known = ledger.get(photo.imageId());
    if (known != null && Arrays.equals(known.sha256(), encoded.sha256())) {
      return;
    }
    ObjectLatent before = objects.value(); // null: a new object
    List<Map.Entry<String, LedgerEntry>> others = known == null ? List.of() : others(photo.imageId());
    int count = known != null ? others.size() : before == null ? 0 : before.images();
    float[] state = known != null ? foldAgain(others) : before == null ? null : before.state();
    Folded folded = served.folder().fold(state, encoded.tokens(), count);

    Map<String, String> attributes = new HashMap<>(known != null || before == null ? Map.of() : before.attributes());
    others.forEach(other -> attributes.putAll(other.getValue().attributes()));
    attributes.putAll(photo.attributes());
    ObjectLatent after = new ObjectLatent(count + 1, before == null ? 1 : before.sequence() + 1, folded.state(), attributes);
    ledger.put(photo.imageId(), new LedgerEntry(after.sequence(), encoded.sha256(), photo.attributes()));
    images.put(photo.imageId(), photo.content());
    objects.update(after);
    out.collect(new Publication(photo.objectId(), serializer.serialize(topic, embedding(photo, after, folded.embedding()))));
  }

  /** In the order of folding, without one of them. */
  private List<Map.Entry<String, LedgerEntry>> others(String imageId) throws Exception {
    List<Map.Entry<String, LedgerEntry>> others = new ArrayList<>();
    for (Map.Entry<String, LedgerEntry> entry : ledger.entries()) {
      if (!entry.getKey().equals(imageId)) {
        others.add(Map.entry(entry.getKey(), entry.getValue()));
      }
    }
    others.sort(Comparator.comparingLong(entry -> entry.getValue().sequence()));
    return others;
  }

  /** Null: there are none. */
  private float[] foldAgain(List<Map.Entry<String, LedgerEntry>> entries) throws Exception {
    float[] state = null;
    for (int i = 0; i < entries.size(); i++) {
      state = served.folder().fold(state, tokens(images.get(entries.get(i).getKey())), i).state();
    }
    return state;
  }

  private float[] tokens(byte[] image) throws ImageException {
    return served.encoder().encode(image);
  }

  private ObjectEmbedding embedding(Photo photo, ObjectLatent object, float[] values) {
    List<Float> vector = new ArrayList<>(values.length);
    for (float value : values) {
      vector.add(value);
    }
    return new ObjectEmbedding(vector, null, served.version(), object.images(), photo.imageId(), object.sequence(), photo.partition(),
        photo.offset(), Instant.ofEpochMilli(photo.timestamp()), object.attributes());
  }

  @Override
  public void close() {
    if (serializer != null) {
      serializer.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
