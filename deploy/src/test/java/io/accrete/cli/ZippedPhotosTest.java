package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.image.ImageLimits;
import io.accrete.image.PhotoFile;
import io.accrete.image.PhotoFolder;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import io.accrete.retrieval.Photo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ZippedPhotosTest {
  @TempDir private Path dir;
  private Path folder;
  private Path zip;

  @BeforeEach
  void pack() throws IOException {
    folder = dir.resolve("photos");
    zip = dir.resolve("photos.zip");
    new Catalogue(3, 2).writeTo(folder, 3);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip)); Stream<Path> files = Files.walk(folder)) {
      for (Path photo : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(folder.relativize(photo).toString().replace('\\', '/')));
        Files.copy(photo, out);
      }
    }
  }

  @Test
  void shouldGiveTheSamePhotosAsTheFolderThatWasPacked() throws Exception {
    SortedMap<String, List<Photo>> unpacked = Photo.objects(PhotoFolder.scan(folder));
    try (PhotoFolder open = PhotoFolder.scan(zip)) {
      SortedMap<String, List<Photo>> packed = Photo.objects(open);

      assertThat(packed.keySet()).hasSize(2).isEqualTo(unpacked.keySet());
      for (String object : packed.keySet()) {
        assertThat(packed.get(object)).hasSize(3).hasSameSizeAs(unpacked.get(object));
        for (int i = 0; i < 3; i++) {
          assertThat(packed.get(object).get(i).source().read()).isEqualTo(unpacked.get(object).get(i).source().read());
        }
      }
      PhotoFile first = open.photos().get(0);
      assertThat(Journal.entry(first)).contains(" " + first.read(ImageLimits.LOCAL).length + " ");
    }
  }

  @Test
  @Timeout(180)
  void shouldBeSentAsThePhotosOfTheFolderThatWasPacked() throws Exception {
    Bundle bundle = Runs.bundle(dir.resolve("bundle"));
    try (LocalCluster cluster = LocalCluster.open(dir.resolve("data"), Runs.config(bundle, Map.of()), Ports.ANY);
        PhotoFolder open = PhotoFolder.scan(zip)) {
      Instance app = cluster.serve(bundle);
      try (FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
        FoldRun.Result result = run.run(open.photos(), app);
        assertThat(result.problems()).isEmpty();
        assertThat(result.embeddings()).isEqualTo(6);
      }
      try (FoldRun run = new FoldRun(cluster.config(), bundle.version())) {
        assertThat(run.run(PhotoFolder.scan(folder).photos(), app).embeddings()).as("they are known").isZero();
      }
    }
  }

  @Test
  void shouldRefuseToSendReferencesIntoAZip() {
    StringWriter err = new StringWriter();

    int status = Accrete.commandLine().setErr(new PrintWriter(err, true)).execute("ingest", zip.toString(), "--reference");

    assertThat(status).isEqualTo(1);
    assertThat(err.toString()).contains(zip.toString()).contains("unpack the zip").doesNotContain("\tat ");
  }
}
