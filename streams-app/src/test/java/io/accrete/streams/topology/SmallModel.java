package io.accrete.streams.topology;

import io.accrete.bundle.AggregatorGraph;
import io.accrete.bundle.BundleDraft;
import io.accrete.bundle.BundleWriter;
import io.accrete.bundle.EncoderGraph;
import io.accrete.bundle.Preprocessing;
import io.accrete.image.ImageException;
import io.accrete.model.MileAggregator;
import io.accrete.model.MileConfig;
import io.accrete.model.Stem;
import io.accrete.model.Vit;
import io.accrete.model.VitConfig;
import io.accrete.runtime.Model;
import io.accrete.runtime.RuntimeOptions;
import io.accrete.streams.encode.BatchEncoder;
import io.accrete.streams.encode.ImageEncoder;
import io.accrete.streams.encode.ServedModel;
import io.accrete.tensor.Parameters;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A real bundle in ONNX Runtime, with random weights: a small vision transformer and a MILE aggregator, for which order matters. */
final class SmallModel implements AutoCloseable {
  private static final int SIDE = 16;

  /** Images that were encoded alone, when they were asked for. */
  final AtomicInteger encoded = new AtomicInteger();
  private final Model loaded;
  private final ServedModel served;

  /** Equal seeds and dimensions give equal encoders and aggregators. */
  SmallModel(Path folder, int dimension, long encoderSeed, long aggregatorSeed) {
    this(folder, dimension, encoderSeed, aggregatorSeed, true);
  }

  /** One that takes batches, or not. */
  SmallModel(Path folder, int dimension, long encoderSeed, long aggregatorSeed, boolean batches) {
    VitConfig vit = VitConfig.plain(new Stem.Patch(8), SIDE, dimension, 1, 2);
    EncoderGraph encoder = EncoderGraph.of(new Vit(vit), Parameters.random(encoderSeed), Preprocessing.imageNet(SIDE, SIDE), false,
        Map.of());
    MileConfig mile = new MileConfig(MileConfig.Mode.PATCHES, true, dimension, 2, 0, vit.tokens(SIDE) - 1, false, false);
    AggregatorGraph aggregator = AggregatorGraph.of(new MileAggregator(mile), Parameters.random(aggregatorSeed), encoder.tokens(), false,
        Map.of());
    loaded = Model.load(BundleWriter.write(new BundleDraft("small", "For a test.", encoder, aggregator), folder, false),
        RuntimeOptions.cpu());
    ServedModel real = ServedModel.of(loaded, TinyModel.LIMITS);
    served = new ServedModel(real.version(), real.encoderHash(), new ImageEncoder() {
      @Override
      public float[] encode(byte[] image) throws ImageException {
        encoded.incrementAndGet();
        return real.encoder().encode(image);
      }

      @Override
      public Optional<BatchEncoder> batches() {
        return batches ? real.encoder().batches() : Optional.empty();
      }
    }, real.folder());
  }

  ServedModel served() {
    return served;
  }

  String version() {
    return served.version();
  }

  @Override
  public void close() {
    loaded.close();
  }
}
