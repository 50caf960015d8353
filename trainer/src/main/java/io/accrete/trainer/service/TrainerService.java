package io.accrete.trainer.service;

import io.accrete.bundle.Bundle;
import io.accrete.bundle.BundleWriter;
import io.accrete.image.ImageLimits;
import io.accrete.trainer.buffer.BufferStatus;
import io.accrete.trainer.buffer.ImageSetBuffer;
import io.accrete.trainer.buffer.ImageSetConsumer;
import io.accrete.trainer.buffer.Snapshot;
import io.accrete.trainer.data.PhotoSet;
import io.accrete.trainer.data.PhotoSet.Memory;
import io.accrete.trainer.data.PhotoSet.Source;
import io.accrete.trainer.gate.Gate;
import io.accrete.trainer.loop.TrainingException;
import io.accrete.trainer.loop.TrainingListener;
import io.accrete.trainer.publish.ModelPublisher;
import io.accrete.trainer.recipe.Recipe;
import io.accrete.trainer.run.TrainingRun;
import io.accrete.trainer.run.TrainingRun.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.io.FileUtils;

/**
 * Learns from the stream, round after round: waits until enough has arrived, trains on what the buffer holds at that moment, and publishes
 * the model if the gate finds it better than the one to be beaten. A round that was interrupted goes on with the same photos.
 */
public final class TrainerService {
  private static final String PHOTOS = "photos.json";
  private static final String DONE = "done";
  private static final long LOOK_EVERY_MS = 1_000;

  private final Recipe recipe;
  private final ServiceSettings settings;
  private final Gate gate;
  private final ModelPublisher publisher;
  private final TrainingListener listener;

  /** A service; {@code publisher} takes what is better. */
  public TrainerService(Recipe recipe, ServiceSettings settings, Gate gate, ModelPublisher publisher, TrainingListener listener) {
    this.recipe = recipe;
    this.settings = settings;
    this.gate = gate;
    this.publisher = publisher;
    this.listener = listener;
  }

  /**
   * Trains until the thread is interrupted, or so many rounds are done.
   *
   * @param toBeat from what this service published last to the model that must be beaten; asked when a round begins
   * @param rounds number of rounds; 0 for no end
   */
  public void run(ImageSetBuffer buffer, ImageSetConsumer consumer, Function<Optional<Bundle>, Bundle> toBeat, int rounds)
      throws IOException, InterruptedException {
    Rounds all = Rounds.in(settings.directory());
    long learned = 0;
    for (int done = 0; rounds == 0 || done < rounds; done++) {
      Path round = all.current();
      listener.run(name(round));
      await(consumer, Files.exists(round.resolve(PHOTOS)) ? 0 : learned + settings.newPhotos());
      Bundle serving = TrainingRun.begunWith(round, () -> toBeat.apply(all.published()));
      try (Snapshot snapshot = snapshot(buffer, round)) {
        learned = snapshot.objects().values().stream().mapToLong(List::size).sum();
        train(snapshot, round, serving, all);
      } catch (TrainingException | IllegalArgumentException e) {
        listener.event("Round " + round.getFileName() + " ended without a model: " + e.getMessage());
      }
      Files.deleteIfExists(round.resolve(PHOTOS));
      Files.writeString(round.resolve(DONE), "");
      all.forgetAllBut(settings.keptRounds());
    }
  }

  /** Kept with the round, so that one that goes on has it again. */
  private String name(Path round) throws IOException {
    Path file = Files.createDirectories(round).resolve("name");
    if (!Files.exists(file)) {
      String now = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC).format(Instant.now());
      Path beside = Files.writeString(file.resolveSibling("name.part"), recipe.name() + "-" + now + "-" + round.getFileName());
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file);
  }

  private void await(ImageSetConsumer consumer, long photos) throws InterruptedException {
    boolean said = false;
    while (true) {
      BufferStatus status = consumer.status();
      if (photos == 0 || status.objects() >= settings.objects() && status.photos() >= photos) {
        return;
      }
      if (!said) {
        listener.event(String.format(Locale.ROOT, "Waiting for %,d objects and %,d photos; there are %,d and %,d", settings.objects(),
            photos, status.objects(), status.photos()));
        said = true;
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  private static Snapshot snapshot(ImageSetBuffer buffer, Path round) throws IOException {
    Path saved = Files.createDirectories(round).resolve(PHOTOS);
    if (Files.exists(saved)) {
      return buffer.reopen(saved);
    }
    Snapshot fresh = buffer.snapshot();
    fresh.save(saved);
    return fresh;
  }

  private void train(Snapshot snapshot, Path round, Bundle serving, Rounds all) throws IOException, InterruptedException {
    PhotoSet photos = PhotoSet.read(List.of(new Source("", snapshot.objects())), recipe.heldBack(), ImageLimits.LOCAL,
        new Memory(recipe.photoSide(), settings.photoMemory(), settings.loaders()), new Silent());
    listener.event(String.format(Locale.ROOT, "Round %s: %,d objects to train on, %,d held back; to beat: %s", round.getFileName(),
        photos.training().size(), photos.heldBack().size(), serving.version()));
    Outcome outcome = new TrainingRun(recipe, round, photos, null, settings.loaders(), listener).run(gate, Optional.of(serving));
    listener.event(outcome.decision().reason());
    if (outcome.decision().passed()) {
      String uri = publisher.publish(outcome.bundle(), false).model().getBundleUri();
      all.publish(outcome.bundle());
      listener.event("Published " + outcome.bundle().version() + " at " + uri);
    }
  }

  /** Photos are read faster than one could follow. */
  private static final class Silent implements PhotoSet.Listener {
    @Override
    public void begins(long photos) {}

    @Override
    public void read() {}
  }

  /** The folders of the rounds, numbered, and the model that was published last. */
  private record Rounds(Path directory) {
    static Rounds in(Path directory) throws IOException {
      return new Rounds(Files.createDirectories(directory));
    }

    /** The round that is not done, or the next. */
    Path current() throws IOException {
      List<Path> rounds = existing();
      if (rounds.isEmpty()) {
        return directory.resolve("1");
      }
      Path last = rounds.get(rounds.size() - 1);
      return Files.exists(last.resolve(DONE)) ? directory.resolve(Integer.toString(number(last) + 1)) : last;
    }

    Optional<Bundle> published() {
      Path bundle = directory.resolve("published");
      return Files.exists(bundle.resolve(Bundle.MANIFEST)) ? Optional.of(Bundle.read(bundle)) : Optional.empty();
    }

    void publish(Bundle bundle) {
      BundleWriter.copy(bundle, directory.resolve("published"), true);
    }

    void forgetAllBut(int kept) throws IOException {
      List<Path> rounds = existing();
      for (Path round : rounds.subList(0, Math.max(0, rounds.size() - kept))) {
        FileUtils.deleteDirectory(round.toFile());
      }
    }

    private List<Path> existing() throws IOException {
      try (var entries = Files.list(directory)) {
        return entries.filter(entry -> entry.getFileName().toString().matches("[1-9][0-9]{0,8}"))
            .sorted((a, b) -> Integer.compare(number(a), number(b))).toList();
      }
    }

    private static int number(Path round) {
      return Integer.parseInt(round.getFileName().toString());
    }
  }
}
