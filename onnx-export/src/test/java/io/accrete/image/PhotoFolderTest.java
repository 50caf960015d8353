package io.accrete.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

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
  void shouldSayWhatItExpectedWhereThereAreNoPhotos() {
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(dir))
        .withMessageContaining(dir.toString()).withMessageContaining("one folder for each object");
    assertThatIllegalArgumentException().isThrownBy(() -> PhotoFolder.scan(dir.resolve("missing")))
        .withMessageContaining("No such directory");
  }
}
