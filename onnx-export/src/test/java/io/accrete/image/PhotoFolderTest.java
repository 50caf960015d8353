package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhotoFolderTest {
  @TempDir private Path dir;

  @Test
  void shouldTakeFoldersAsObjectsAndOnePhotoOfEachInTurn() throws IOException {
    for (String file : new String[] {"cup/b.JPG", "cup/a.png", "cup/side/c.webp", "mug/z.gif", "mug/notes.txt", "loose.jpg",
        "mug/.hidden.jpg", ".thumbnails/mug.jpg"}) {
      Path path = dir.resolve(file);
      Files.createDirectories(path.getParent());
      Files.createFile(path);
    }

    PhotoFolder folder = PhotoFolder.scan(dir);

    assertThat(folder.photos()).extracting(photo -> photo.objectId() + ":" + photo.imageId())
        .containsExactly("cup:a.png", "mug:z.gif", "cup:b.JPG", "cup:side/c.webp");
    assertThat(folder.skipped()).isEqualTo(2);
    assertThat(folder.objects()).containsOnlyKeys("cup", "mug").extractingByKey("cup").asInstanceOf(LIST)
        .extracting(photo -> ((PhotoFile) photo).imageId()).containsExactly("a.png", "b.JPG", "side/c.webp");
    assertThat(folder.limit(3).photos()).hasSize(3);
    assertThat(folder.limit(30)).isSameAs(folder);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // links need a privilege there
  void shouldFollowLinksToObjects(@TempDir Path elsewhere) throws IOException {
    Files.createFile(elsewhere.resolve("a.png"));
    Files.createSymbolicLink(dir.resolve("cup"), elsewhere);

    assertThat(PhotoFolder.scan(dir).photos()).containsExactly(new PhotoFile("cup", "a.png", dir.resolve("cup/a.png")));
  }

  @Test
  void shouldReadAZipAsTheFolderThatWasPacked() throws IOException, ImageException {
    String[] names = {"cup/b.JPG", "cup/a.png", "cup/side/c.webp", "mug/z.gif", "mug/notes.txt", "loose.jpg", "__MACOSX/cup/._b.JPG"};
    for (String file : names) {
      Files.createDirectories(dir.resolve("unpacked").resolve(file).getParent());
      Files.writeString(dir.resolve("unpacked").resolve(file), "the bytes of " + file);
    }
    PhotoFolder folder = PhotoFolder.scan(dir.resolve("unpacked"));

    try (PhotoFolder zip = PhotoFolder.scan(zip("photos.ZIP", names))) {
      assertThat(zip.directory()).isEqualTo(dir.resolve("photos.ZIP"));
      assertThat(zip.skipped()).isEqualTo(folder.skipped()).isEqualTo(2);
      assertThat(zip.photos()).hasSameSizeAs(folder.photos());
      for (int i = 0; i < zip.photos().size(); i++) {
        PhotoFile packed = zip.photos().get(i);
        PhotoFile unpacked = folder.photos().get(i);
        assertThat(packed.objectId() + ":" + packed.imageId()).isEqualTo(unpacked.objectId() + ":" + unpacked.imageId());
        assertThat(packed.read(ImageLimits.LOCAL)).isEqualTo(unpacked.read(ImageLimits.LOCAL));
        assertThat(packed.inZip()).isTrue();
      }
      assertThat(zip.photos().get(0).name()).isEqualTo(dir.resolve("photos.ZIP") + "!/cup/a.png");
    }
    try (Stream<Path> left = Files.list(dir)) {
      assertThat(left).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/cup/a.png", "../cup/a.png", "cup/../../a.png", "cup\\..\\a.png", "C:\\cup\\a.png"})
  void shouldRefuseAZipWithNamesThatLeadOutOfIt(String name) throws IOException {
    Path zip = zip("photos.zip", "cup/a.png", name);

    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(zip))
        .withMessageContaining(zip.toString()).withMessageContaining("'" + name + "'");
  }

  @Test
  void shouldSayWhatIsWrongWithAZip() throws IOException {
    Path text = Files.writeString(dir.resolve("text.zip"), "no zip");
    Path empty = zip("empty.zip", "loose.jpg");
    Path other = Files.writeString(dir.resolve("photos.tar"), "");

    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(text)).withMessageContaining(text.toString());
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(empty)).withMessageContaining("No photos in " + empty);
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(other)).withMessageContaining("Not a directory or a .zip");
  }

  @Test
  void shouldReadNoMoreThanTheLimitsAllow() throws IOException {
    Path folder = Files.createDirectories(dir.resolve("photos/cup"));
    Files.write(folder.resolve("a.png"), new byte[2000]);
    ImageLimits limits = new ImageLimits(1999, 1);

    assertThatThrownBy(() -> PhotoFolder.scan(folder.getParent()).photos().get(0).read(limits)).hasMessageContaining("2,000 bytes");
    Path file = zip("photos.zip", "cup/" + "a".repeat(2000) + ".png");
    byte[] bytes = Files.readAllBytes(file);
    understate(bytes);
    Files.write(file, bytes);
    try (PhotoFolder zip = PhotoFolder.scan(file)) {
      assertThat(Files.size(zip.photos().get(0).file())).isEqualTo(1);
      assertThatThrownBy(() -> zip.photos().get(0).read(limits)).hasMessageContaining("2,000 bytes");
    }
  }

  /** A zip whose entries hold their own names. */
  private Path zip(String file, String... entries) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(dir.resolve(file)))) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(("the bytes of " + entry).getBytes(StandardCharsets.UTF_8));
      }
    }
    return dir.resolve(file);
  }

  /** Lets the directory of a zip with one entry say that the entry has one byte. */
  private static void understate(byte[] zip) {
    int directory = Bytes.i32le(zip, zip.length - 22 + 16);
    zip[directory + 24] = 1;
    zip[directory + 25] = 0;
  }

  @Test
  void shouldSayWhatItExpectedWhereThereAreNoPhotos() {
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(dir))
        .withMessageContaining(dir.toString()).withMessageContaining("one folder for each object");
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(dir.resolve("missing")))
        .withMessageContaining("No such directory");
  }
}
