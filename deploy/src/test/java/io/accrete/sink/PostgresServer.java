package io.accrete.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/** The machine's own PostgreSQL, in a directory of its own, on a loopback port. It refuses to run as root: then it is another user. */
final class PostgresServer implements AutoCloseable {
  static final String USER = "accrete";
  static final String PASSWORD = "a pass'word";
  private static final long PATIENCE_SECONDS = 60;

  private final Path programs;
  private final Path dir;
  private final int port;
  private Process process;
  private Connection asking; // null: nobody has asked yet

  private PostgresServer(Path programs) throws IOException, InterruptedException {
    this.programs = programs;
    dir = Files.createTempDirectory("accrete-postgres");
    port = freePort();
    Path password = Files.writeString(dir.resolve("password"), PASSWORD);
    if (isRoot()) {
      run(List.of("chown", "-R", servant(), dir.toString()));
    }
    run(asServant(List.of(program("initdb"), "-D", data(), "-U", USER, "--pwfile=" + password, "--auth=scram-sha-256", "-E", "UTF8",
        "--locale=C", "--no-sync")));
    start();
  }

  /** Skips the test where none is installed. */
  static PostgresServer start(Object test) throws IOException, InterruptedException {
    Optional<Path> programs = programs();
    assumeTrue(programs.isPresent(), () -> test + " needs PostgreSQL: initdb and postgres are neither in PATH nor in "
        + "/usr/lib/postgresql/*/bin. On Debian: apt-get install postgresql");
    return new PostgresServer(programs.get());
  }

  private static Optional<Path> programs() throws IOException {
    List<Path> folders = new ArrayList<>(Stream.of(System.getenv("PATH").split(":")).map(Path::of).toList());
    Path debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (Stream<Path> versions = Files.list(debian)) {
        versions.map(version -> version.resolve("bin")).sorted(Comparator.reverseOrder()).forEach(folders::add);
      }
    }
    return folders.stream().filter(folder -> Files.isExecutable(folder.resolve("initdb")) && Files.isExecutable(folder.resolve("postgres")))
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static String servant() {
    try {
      return new ProcessBuilder("id", "postgres").redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start().waitFor() == 0
          ? "postgres" : "nobody";
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> asServant(List<String> command) {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      all.addAll(List.of("setpriv", "--reuid", servant(), "--regid", servant().equals("nobody") ? "nogroup" : servant(),
          "--clear-groups"));
    }
    all.addAll(command);
    return all;
  }

  private String program(String name) {
    return programs.resolve(name).toString();
  }

  private String data() {
    return dir.resolve("data").toString();
  }

  private Path log() {
    return dir.resolve("log");
  }

  private void run(List<String> command) throws IOException, InterruptedException {
    Process child = new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(log().toFile())).start();
    assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    assertThat(child.exitValue()).as("%s%n%s", command, Files.readString(log())).isZero();
  }

  void start() throws IOException, InterruptedException {
    process = new ProcessBuilder(asServant(List.of(program("postgres"), "-D", data(), "-p", Integer.toString(port),
        "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB")))
        .directory(dir.toFile()).redirectErrorStream(true).redirectOutput(Redirect.appendTo(log().toFile())).start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try (Connection ready = connect()) {
        return;
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError("PostgreSQL does not start:\n" + Files.readString(log()), e);
        }
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Ends it as it would end with its machine: connections are cut. */
  void stop() {
    try {
      run(List.of("kill", "-QUIT", Long.toString(process.pid())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.onExit().join();
  }

  String url() {
    return url("postgres");
  }

  String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), USER, PASSWORD);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect(); Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of all rows; by one connection as long as it lasts, as tests ask again and again. For one thread. */
  List<String> query(String sql) throws SQLException {
    if (asking == null || asking.isClosed()) {
      asking = connect();
    }
    try (Statement statement = asking.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  @Override
  public void close() throws IOException {
    stop();
    FileUtils.deleteDirectory(dir.toFile());
  }
}
