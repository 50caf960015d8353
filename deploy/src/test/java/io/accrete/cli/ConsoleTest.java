package io.accrete.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.accrete.bundle.Bundle;
import io.accrete.catalogue.Catalogue;
import io.accrete.config.AccreteConfig;
import io.accrete.config.ConfigKeys;
import io.accrete.local.Instance;
import io.accrete.local.LocalCluster;
import io.accrete.local.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real browser, over a whole application with real photos. Screenshots are kept in {@code target/console-screenshots}. */
class ConsoleTest {
  private static final Duration START = Duration.ofSeconds(60);
  private static final String TOKEN = "console-test";
  private static final int PHOTOS = 5; // of each product
  private static final String OPENED = "Banana";
  private static final List<String> FIRST = List.of(OPENED, "Arla-Standard-Milk", "Watermelon", "Zucchini");
  private static final List<String> THEN = List.of("God-Morgon-Apple-Juice", "Regular-Tomato", "Garlic", "Red-Grapefruit");

  @TempDir private Path dir;

  @Test
  @Timeout(240)
  void shouldShowWhatHappens() throws Exception {
    Path train = RealPhotosTest.shared("data/grocery/train");
    try (ConsoleBrowser browser = ConsoleBrowser.open();
        LocalCluster cluster = LocalCluster.open(dir.resolve("data"), config(Map.of(ConfigKeys.API_TOKENS_WRITE, TOKEN)), Ports.ANY)) {
      Instance app = cluster.serve(Bundles.configured(cluster.config()));
      app.awaitRunning(START);
      Page page = browser.page(app.url(), ColorScheme.LIGHT, 1280, 900);
      signIn(browser, page);
      assertThat(page.locator(".empty-title")).hasText("No objects yet");

      send(cluster, train, FIRST, PHOTOS);
      assertThat(page.locator(".wall > li")).hasCount(FIRST.size());
      send(cluster, train, THEN, PHOTOS);
      assertThat(page.locator(".wall > li")).hasCount(FIRST.size() + THEN.size());
      assertThat(tile(page, OPENED)).containsText(PHOTOS + " photos");
      awaitPhotos(page, ".wall .photo img");
      browser.screenshot(page, "wall");

      finds(page);
      object(browser, page, cluster, train);
      search(browser, page);
      map(browser, page);
      rollout(browser, page, cluster);
      visit(browser, page, "Training", "training");
      visit(browser, page, "System", "system");
      assertThat(page.locator("main")).containsText("this one");
      assertThat(page.locator(".checks .pill.bad")).hasCount(0);
      page.close();
      narrowAndDark(browser, app);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  /** Until then every request is refused, and nothing else goes wrong. */
  private static void signIn(ConsoleBrowser browser, Page page) {
    page.locator("#token").fill("not-this-one");
    page.keyboard().press("Enter");
    assertThat(page.locator("#token-problem")).hasText("This token is not accepted.");
    page.locator("#token").fill(TOKEN);
    page.keyboard().press("Enter");
    assertThat(page.locator(".pill.live")).hasText("Live");
    assertThat(page.locator(".notice")).hasCount(0);
    assertThat(browser.complaints()).isNotEmpty().allMatch(complaint -> complaint.contains("401"));
    browser.complaints().clear();
  }

  /** By the keyboard alone. */
  private static void finds(Page page) {
    page.keyboard().press("/");
    page.keyboard().type("garl");
    assertThat(page.locator(".wall > li")).hasCount(1);
    page.keyboard().press("Escape");
    assertThat(page.locator(".wall > li")).hasCount(FIRST.size() + THEN.size());
    page.keyboard().press("Escape");
  }

  private void object(ConsoleBrowser browser, Page page, LocalCluster cluster, Path train) throws IOException {
    tile(page, OPENED).click();
    assertThat(page.locator("h1")).hasText(OPENED);
    assertThat(page.locator(".strip > li")).hasCount(PHOTOS);
    assertThat(page.locator(".neighbours > li")).hasCount(FIRST.size() + THEN.size() - 1);
    assertThat(page.locator("tbody tr")).hasCount(PHOTOS);
    send(cluster, train, List.of(OPENED), PHOTOS + 1);
    assertThat(page.locator(".strip > li")).hasCount(PHOTOS + 1);
    assertThat(page.locator("#agreement canvas")).hasAttribute("aria-label", Pattern.compile(".* to 1.000 with " + (PHOTOS + 1)));
    awaitPhotos(page, ".strip img");
    browser.screenshot(page, "object");

    page.locator("main input[type=file]").setInputFiles(photos(RealPhotosTest.shared("data/grocery/test").resolve(OPENED)).get(1));
    assertThat(page.locator(".toast")).containsText("The photo is folded in.");
    assertThat(page.locator(".strip > li")).hasCount(PHOTOS + 2);
    page.locator(".toast button").click();
    page.locator("tbody tr").first().getByRole(AriaRole.BUTTON).click();
    page.locator("dialog .danger").click();
    assertThat(page.locator(".toast")).containsText("The photo is removed.");
    assertThat(page.locator(".strip > li")).hasCount(PHOTOS + 1);
    page.locator(".toast button").click();
  }

  private static void search(ConsoleBrowser browser, Page page) throws IOException {
    for (String product : List.of(OPENED, "Watermelon")) {
      ConsoleBrowser.drop(page, photos(RealPhotosTest.shared("data/grocery/test").resolve(product)).get(0));
      assertThat(page.locator("h1")).hasText("Search by photo");
      assertThat(page.locator(".search section")).hasAttribute("aria-busy", "false");
      assertThat(page.locator(".neighbours > li").first().locator(".tile-name")).hasText(product);
    }
    awaitPhotos(page, ".neighbours img");
    browser.screenshot(page, "search");
  }

  private static void map(ConsoleBrowser browser, Page page) {
    visit(browser, page, "Map", "map");
    assertThat(page.locator("canvas")).hasAttribute("aria-label", Pattern.compile("Map of " + (FIRST.size() + THEN.size()) + " objects.*"));
    page.locator("summary").click();
    assertThat(page.locator(".id-list li")).hasCount(FIRST.size() + THEN.size());
    browser.screenshot(page, "map");
  }

  private void rollout(ConsoleBrowser browser, Page page, LocalCluster cluster) {
    visit(browser, page, "Models", "models-before");
    assertThat(page.locator("article")).hasCount(1);
    Bundle next = Runs.bundle(dir.resolve("next"));
    Runs.execute(cluster, List.of("models", "publish", next.root().toString()));
    Locator card = page.locator("article[data-version='" + next.version() + "']");
    assertThat(card).hasAttribute("data-state", "ACTIVE");
    assertThat(card.locator(".coverage")).containsText("100 %");
    assertThat(card).containsText("served here");
    assertThat(page.locator("article[data-state=DRAINING]")).hasCount(1);
    assertThat(page.locator(".comparison")).hasCount(4);
    awaitPhotos(page, ".comparison img");
    browser.screenshot(page, "models-after");

    page.locator("article[data-state=DRAINING] button", new Page.LocatorOptions().setHasText("Roll back to it")).click();
    page.locator("dialog button").last().click();
    assertThat(page.locator(".toast")).containsText("rolled back");
    assertThat(card).hasAttribute("data-state", "DRAINING");
    assertThat(page.locator("article[data-state=ACTIVE]")).containsText("served here");
    page.locator(".toast button").click();
  }

  private static void narrowAndDark(ConsoleBrowser browser, Instance app) {
    Page page = browser.page(app.url(), ColorScheme.DARK, 390, 800);
    signIn(browser, page);
    assertThat(page.locator(".wall > li")).hasCount(FIRST.size() + THEN.size());
    awaitPhotos(page, ".wall > li:first-child img");
    for (String view : List.of("Search", "Map", "Models", "Training", "System", "Wall")) {
      visit(browser, page, view, view.toLowerCase(Locale.ROOT) + "-narrow-dark");
      assertThat((Integer) page.evaluate("document.documentElement.scrollWidth - innerWidth")).as(view).isLessThanOrEqualTo(0);
    }
    page.close();
  }

  private static void visit(ConsoleBrowser browser, Page page, String view, String screenshot) {
    page.locator("nav a", new Page.LocatorOptions().setHasText(view)).click();
    assertThat(page.locator("h1")).containsText(view);
    assertThat(page.locator(".waiting")).hasCount(0);
    assertThat(page.locator(".notice")).hasCount(0);
    browser.screenshot(page, screenshot);
  }

  private static Locator tile(Page page, String object) {
    return page.locator(".wall > li[data-id='" + object + "'] a");
  }

  /** Those that are in sight; others are loaded when they come near. */
  private static void awaitPhotos(Page page, String selector) {
    page.waitForFunction("""
        selector => [...document.querySelectorAll(selector)].filter(each => each.getBoundingClientRect().top < innerHeight)
          .every(each => each.complete && each.naturalWidth > 0)""", selector);
  }

  private static AccreteConfig config(Map<String, String> more) {
    return AccreteConfig.of(Map.of(ConfigKeys.TOPIC_PARTITIONS, "2")).with(more);
  }

  /** The first photos of each product, by a command. */
  private void send(LocalCluster cluster, Path from, List<String> products, int count) throws IOException {
    Path folder = Files.createTempDirectory(dir, "photos");
    for (String product : products) {
      Files.createDirectories(folder.resolve(product));
      for (Path photo : photos(from.resolve(product)).subList(0, count)) {
        Files.copy(photo, folder.resolve(product).resolve(photo.getFileName()));
      }
    }
    Runs.execute(cluster, List.of("ingest", folder.toString()));
  }

  private static List<Path> photos(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /**
   * The pictures of the README, of the demo's catalogue: {@code mvn ... -Dtest=ConsoleTest -Dconsole.pictures=true}; then made smaller by
   * {@code npx sharp-cli@5 --input console-*.png --output DIR --format png --palette --quality 90 --compressionLevel 9}.
   */
  @Test
  @Timeout(240)
  @EnabledIfSystemProperty(named = "console.pictures", matches = "true")
  void shouldMakeThePicturesOfTheReadme() throws Exception {
    Path photos = dir.resolve("catalogue");
    new Catalogue(1, 24).writeTo(photos, 8);
    try (ConsoleBrowser browser = ConsoleBrowser.open();
        LocalCluster cluster = LocalCluster.open(dir.resolve("data"), config(Map.of()), Ports.ANY)) {
      Instance app = cluster.serve(Bundles.configured(cluster.config()));
      app.awaitRunning(START);
      Page wall = browser.page(app.url(), ColorScheme.LIGHT, 1120, 700);
      Runs.execute(cluster, List.of("ingest", photos.toString()));
      assertThat(wall.locator(".wall > li").filter(new Locator.FilterOptions().setHasText("8 photos"))).hasCount(24);
      awaitPhotos(wall, ".wall img");
      browser.picture(wall, Path.of("docs/console-wall.png"));
      wall.close();
      Page object = browser.page(app.url(), ColorScheme.DARK, 1120, 900);
      object.locator(".wall > li a").first().click();
      assertThat(object.locator(".strip > li")).hasCount(8);
      assertThat(object.locator("#agreement canvas")).isVisible();
      assertThat(object.locator(".neighbours > li")).hasCount(12);
      awaitPhotos(object, ".view img");
      browser.picture(object, Path.of("docs/console-object.png"));
      assertThat(browser.complaints()).isEmpty();
    }
  }
}
