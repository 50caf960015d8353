package io.accrete.flink;

import io.accrete.config.AccreteConfig;
import io.accrete.config.Threads;
import io.accrete.image.ImageException;
import io.accrete.runtime.Model;
import io.accrete.streams.ahead.AheadSettings;
import io.accrete.streams.encode.BatchEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * Hashes and decodes photos on a pool of threads and encodes them in batches. There is one encoder in a process, and so one instance of
 * this, whatever the parallelism of the rest.
 */
final class Encoding extends RichAsyncFunction<Photo, EncodedPhoto> {
  private final JobSettings settings;
  private transient Model model;
  private transient BatchEncoder encoder;
  private transient ExecutorService decoders;
  private transient Batcher batcher;

  Encoding(JobSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    AccreteConfig config = settings.config();
    AheadSettings ahead = AheadSettings.of(config);
    model = settings.load();
    encoder = settings.served(model).encoder().batches().orElseThrow();
    decoders = Executors.newFixedThreadPool(Threads.of(config).decoders());
    batcher = new Batcher(encoder, ahead.waiting());
  }

  @Override
  public void asyncInvoke(Photo photo, ResultFuture<EncodedPhoto> result) {
    decoders.execute(() -> {
      try {
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(photo.content());
        batcher.encode(encoder.pixels(photo.content())).whenComplete((tokens, error) -> {
          if (error == null) {
            result.complete(List.of(new EncodedPhoto(photo, sha256, tokens)));
          } else {
            result.completeExceptionally(error);
          }
        });
      } catch (ImageException | NoSuchAlgorithmException | RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
  }

  @Override
  public void close() throws Exception {
    if (decoders != null) {
      decoders.shutdownNow();
    }
    if (batcher != null) {
      batcher.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
