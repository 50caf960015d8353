package io.accrete.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** An installed Chromium, driven by Playwright, that remembers all that pages complain of. */
final class ConsoleBrowser implements AutoCloseable {
  private static final double TIMEOUT_MS = 60_000;
  private static final Path SCREENSHOTS = Path.of("target/console-screenshots");

  private final Playwright playwright;
  private final Browser browser;
  private final List<String> complaints = new ArrayList<>();

  private ConsoleBrowser(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  /** Skips the test where no Chromium is installed; where CI=true there must be one. */
  static ConsoleBrowser open() {
    Optional<Path> chromium = Stream.of("chromium", "chromium-browser", "google-chrome").map(name -> Path.of("/usr/bin", name))
        .filter(Files::isExecutable).findFirst();
    if ("true".equals(System.getenv("CI"))) {
      assertThat(chromium).as("a Chromium in /usr/bin").isPresent();
    }
    assumeTrue(chromium.isPresent(), "skipped: needs chromium, chromium-browser or google-chrome in /usr/bin");
    PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT_MS);
    Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    try {
      return new ConsoleBrowser(playwright, playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium.get())
          .setArgs(List.of("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
              "--disable-component-update", "--disable-sync"))));
    } catch (RuntimeException e) {
      playwright.close();
      throw e;
    }
  }

  Page page(URI url, ColorScheme scheme, int width, int height) {
    Page page = browser.newPage(new Browser.NewPageOptions().setColorScheme(scheme).setViewportSize(width, height)
        .setReducedMotion(ReducedMotion.REDUCE));
    page.setDefaultTimeout(TIMEOUT_MS);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(message.type() + ": " + message.text() + " " + message.location());
      }
    });
    page.onPageError(error -> complaints.add("failure: " + error));
    page.onResponse(response -> {
      if (response.status() >= 400) {
        complaints.add(response.status() + ": " + response.request().method() + " " + response.url());
      }
    });
    page.onRequestFailed(request -> {
      if (!"net::ERR_ABORTED".equals(request.failure())) { // what a page lets go of when it is left
        complaints.add(request.failure() + ": " + request.method() + " " + request.url());
      }
    });
    page.navigate(url.toString());
    return page;
  }

  /** Errors and warnings in the pages' consoles, exceptions, requests that failed or were answered with an error. */
  List<String> complaints() {
    return complaints;
  }

  /** Drops a file on the page. */
  static void drop(Page page, Path file) throws IOException {
    JSHandle data = page.evaluateHandle("""
        ({ name, content }) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), each => each.charCodeAt(0))], name, { type: 'image/jpeg' }));
          return data;
        }""", Map.of("name", file.getFileName().toString(), "content", Base64.getEncoder().encodeToString(Files.readAllBytes(file))));
    page.dispatchEvent("main", "dragenter", Map.of("dataTransfer", data));
    page.dispatchEvent("main", "drop", Map.of("dataTransfer", data));
  }

  void screenshot(Page page, String name) {
    picture(page, SCREENSHOTS.resolve(name + ".png"));
  }

  void picture(Page page, Path file) {
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
