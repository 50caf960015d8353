package io.accrete.trainer.buffer;

import static io.accrete.trainer.buffer.BufferAssertions.assertHolds;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.common.utils.Utils;

/** The buffer against its rules, through sets of all kinds, restarts and other limits. */
class ImageSetBufferPropertyTest {
  /** Sets to add, and the limits with which the buffer is opened for them. */
  record Session(BufferLimits limits, int sets) {}

  @Property(tries = 40)
  void shouldHoldWhatTheRulesSay(@ForAll("sessions") @Size(min = 1, max = 5) List<Session> sessions, @ForAll int first) throws Exception {
    Path directory = Files.createTempDirectory("buffer");
    try {
      SampleSets.Model model = new SampleSets.Model();
      long number = first & 0xffffff;
      for (Session session : sessions) {
        try (ImageSetBuffer buffer = ImageSetBuffer.open(directory, session.limits)) {
          model.shrink(session.limits);
          assertHolds(buffer, model);
          for (int i = 0; i < session.sets; i++, number++) {
            SampleSets.add(buffer, number);
            model.add(SampleSets.set(number), session.limits);
          }
          assertHolds(buffer, model);
        }
      }
    } finally {
      Utils.delete(directory.toFile());
    }
  }

  @Provide
  Arbitrary<List<Session>> sessions() {
    Arbitrary<BufferLimits> limits = Combinators.combine(Arbitraries.longs().between(1, 200_000), Arbitraries.integers().between(2, 40))
        .as(BufferLimits::new);
    return Combinators.combine(limits, Arbitraries.integers().between(0, 30)).as(Session::new).list();
  }
}
