package io.accrete.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.accrete.events.ObjectEmbedding;
import io.accrete.retrieval.RetrievalReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@code accrete demo --report} writes, as JSON.
 *
 * @param images images that the app holds now, in all objects together
 * @param objects objects that have an embedding now
 * @param embeddings embeddings published in this run
 * @param duplicates events of this run that changed nothing, as what they say was known
 * @param deadLettered events of this run that could not be processed
 * @param elapsedSeconds from the first photo sent to the last event committed
 * @param imagesPerSecond events processed in that time
 * @param retrieval the retrieval report as {@code accrete eval} has it; null if there are too few photos to tell
 */
record DemoReport(
    int images, int objects, int embeddings, long duplicates, int deadLettered, double elapsedSeconds, double imagesPerSecond,
    RetrievalReport retrieval) {
  static DemoReport of(FoldRun.Result run, Map<String, ObjectEmbedding> objects, RetrievalReport retrieval) {
    return new DemoReport(objects.values().stream().mapToInt(ObjectEmbedding::getImageCount).sum(), objects.size(), run.embeddings(),
        run.duplicates(), run.deadLettered(), run.seconds(), run.seconds() == 0 ? 0 : run.events() / run.seconds(), retrieval);
  }

  void write(Path file) throws IOException {
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), this);
  }
}
