package io.accrete.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;

/** The one definition of every configuration key; {@code CONFIGURATION.md} and {@code accrete config} are generated from it. */
public final class ConfigKeys {
  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String APPLICATION_ID = "application.id";

  public static final String REGISTRY_URL = "schema.registry.url";
  public static final String REGISTRY_USER_INFO = "schema.registry.basic.auth.user.info";
  public static final String REGISTRY_TRUSTSTORE = "schema.registry.ssl.truststore.location";
  public static final String REGISTRY_TRUSTSTORE_PASSWORD = "schema.registry.ssl.truststore.password";
  public static final String REGISTRY_KEYSTORE = "schema.registry.ssl.keystore.location";
  public static final String REGISTRY_KEYSTORE_PASSWORD = "schema.registry.ssl.keystore.password";
  public static final String SERIALIZER_CLASS = "serializer.class";
  public static final String DESERIALIZER_CLASS = "deserializer.class";

  public static final String TOPIC_IMAGE_EVENTS = "topic.image.events";
  public static final String TOPIC_EMBEDDINGS_PREFIX = "topic.object.embeddings.prefix";
  public static final String TOPIC_MODEL_VERSIONS = "topic.model.versions";
  public static final String TOPIC_MODEL_ROLLOUTS = "topic.model.rollouts";
  public static final String TOPIC_ROLLOUT_REPORTS = "topic.rollout.reports";
  public static final String TOPIC_ROLLOUT_COMMANDS = "topic.rollout.commands";
  public static final String TOPIC_IMAGE_SETS = "topic.image.sets";
  public static final String TOPIC_TRAINING_PROGRESS = "topic.training.progress";
  public static final String TOPIC_DEAD_LETTERS = "topic.dead.letters";
  public static final String TOPIC_PARTITIONS = "topic.partitions";
  public static final String TOPIC_REPLICATION = "topic.replication.factor";

  public static final String BUNDLE = "bundle";
  public static final String DEVICE = "device";
  public static final String INTRA_OP_THREADS = "ort.intra.op.threads";
  public static final String CUDA_BYTES = "cuda.memory.bytes";
  public static final String MODELS_URI = "models.uri";
  public static final String MODELS_MAX_BYTES = "models.max.bytes";

  public static final String AHEAD_BYTES = "encode.ahead.bytes";
  public static final String AHEAD_BATCH = "encode.ahead.batch";
  public static final String AHEAD_WAIT = "encode.ahead.wait.ms";
  public static final String AHEAD_DECODERS = "encode.ahead.decode.threads";
  public static final String AHEAD_FETCHERS = "encode.ahead.fetch.threads";

  public static final String ROLLOUT_ACTIVATION = "rollout.activation";
  public static final String ROLLOUT_WARMING_TIMEOUT = "rollout.warming.timeout.ms";
  public static final String ROLLOUT_MAX_UNREADABLE = "rollout.max.unreadable";
  public static final String ROLLOUT_DRAINING = "rollout.draining.ms";

  public static final String STATE_DIR = "state.dir";
  public static final String STREAM_THREADS = "stream.threads";
  public static final String COMMIT_INTERVAL = "commit.interval.ms";
  public static final String COMMIT_BACKLOG_INTERVAL = "commit.backlog.interval.ms";
  public static final String TRANSACTION_TIMEOUT = "transaction.timeout.ms";
  public static final String FEATURES_STORE = "features.store.enabled";
  public static final String OBJECT_MAX_IMAGES = "object.max.images";

  public static final String SWEEP_SHARE = "rollout.sweep.share";

  public static final String SAMPLER_OBJECTS = "sampler.objects";
  public static final String SAMPLER_SET_IMAGES = "sampler.set.images";
  public static final String SAMPLER_SET_BYTES = "sampler.set.bytes";

  public static final String IMAGE_MAX_BYTES = "image.max.bytes";
  public static final String IMAGE_MAX_PIXELS = "image.max.pixels";

  public static final String FILE_ROOTS = "content.file.roots";
  public static final String HTTP_HOSTS = "content.http.hosts";
  public static final String HTTP_PRIVATE_NETWORKS = "content.http.private.networks";
  public static final String HTTP_TIMEOUT = "content.http.timeout.ms";
  public static final String S3_BUCKETS = "content.s3.buckets";
  public static final String S3_ENDPOINT = "content.s3.endpoint";
  public static final String S3_REGION = "content.s3.region";
  public static final String S3_ACCESS_KEY = "content.s3.access.key";
  public static final String S3_SECRET_KEY = "content.s3.secret.key";

  public static final String TRAINER_BUFFER_BYTES = "trainer.buffer.bytes";
  public static final String TRAINER_BUFFER_OBJECT_IMAGES = "trainer.buffer.object.images";
  public static final String TRAINER_ROUND_OBJECTS = "trainer.round.objects";
  public static final String TRAINER_ROUND_PHOTOS = "trainer.round.photos";

  public static final String SIMILARITY_INDEX = "similarity.index";
  public static final String SIMILARITY_BYTES = "similarity.max.bytes";

  public static final String API_HOST = "http.host";
  public static final String API_PORT = "http.port";
  public static final String API_TOKENS_READ = "http.tokens.read";
  public static final String API_TOKENS_WRITE = "http.tokens.write";
  public static final String API_STREAM_CLIENTS = "http.stream.clients";
  public static final String APPLICATION_SERVER = "application.server";

  private static final int KIBI = 1024;
  private static final int MEBI = 1024 * KIBI;

  /** Every key with its type, default, bounds and meaning, in the order in which the documentation lists them. */
  public static final ConfigDef DEFINITION = new Definition()
      .group("Cluster")
      .key(BOOTSTRAP_SERVERS, Type.LIST, "127.0.0.1:9092", HIGH, "Kafka brokers to start from, as host:port, comma-separated.")
      .key(APPLICATION_ID, Type.STRING, "accrete", HIGH,
          "Name of the streams application: its consumer group, its transactions and the prefix of its internal topics.")
      .group("Schema registry and serialization")
      .key(REGISTRY_URL, Type.LIST, "http://127.0.0.1:8081", HIGH,
          "Confluent-compatible schema registry; several addresses are tried in turn.")
      .key(REGISTRY_USER_INFO, Type.PASSWORD, "", MEDIUM, "user:password for basic authentication at the registry.")
      .key(REGISTRY_TRUSTSTORE, Type.STRING, "", LOW, "Trust store (PKCS12 or JKS) for a registry behind TLS; empty: the JDK's own.")
      .key(REGISTRY_TRUSTSTORE_PASSWORD, Type.PASSWORD, "", LOW, "Password of that trust store.")
      .key(REGISTRY_KEYSTORE, Type.STRING, "", LOW, "Key store (PKCS12 or JKS) with a client certificate for the registry.")
      .key(REGISTRY_KEYSTORE_PASSWORD, Type.PASSWORD, "", LOW, "Password of that key store.")
      .key(SERIALIZER_CLASS, Type.STRING, "io.accrete.serde.RegistryAvroSerializer", LOW,
          "Kafka serializer of Avro values; Confluent's KafkaAvroSerializer fits when its jars are on the class path.")
      .key(DESERIALIZER_CLASS, Type.STRING, "io.accrete.serde.RegistryAvroDeserializer", LOW,
          "Kafka deserializer of Avro values; Confluent's KafkaAvroDeserializer fits when its jars are on the class path.")
      .group("Topics")
      .key(TOPIC_IMAGE_EVENTS, Type.STRING, "image-events", MEDIUM, "Image events, keyed by object id.")
      .key(TOPIC_EMBEDDINGS_PREFIX, Type.STRING, "object-embeddings", MEDIUM, "Embeddings go to <prefix>.<model version>.")
      .key(TOPIC_MODEL_VERSIONS, Type.STRING, "model-versions", LOW, "Published model versions.")
      .key(TOPIC_MODEL_ROLLOUTS, Type.STRING, "model-rollouts", LOW, "States of model rollouts.")
      .key(TOPIC_ROLLOUT_REPORTS, Type.STRING, "rollout-reports", LOW, "How far instances and partitions are with model rollouts.")
      .key(TOPIC_ROLLOUT_COMMANDS, Type.STRING, "rollout-commands", LOW, "What people want of model rollouts.")
      .key(TOPIC_IMAGE_SETS, Type.STRING, "image-sets", LOW, "Sampled image sets for the trainer.")
      .key(TOPIC_TRAINING_PROGRESS, Type.STRING, "training-progress", LOW, "What trainers tell of their runs.")
      .key(TOPIC_DEAD_LETTERS, Type.STRING, "image-events.dlq", MEDIUM,
          "Events that could not be processed, with the reason in their headers.")
      .key(TOPIC_PARTITIONS, Type.INT, 6, Range.between(1, 10_000), MEDIUM, "Partitions of the keyed topics when they are created.")
      .key(TOPIC_REPLICATION, Type.INT, -1, Range.between(-1, 100), MEDIUM,
          "Replication factor of topics when they are created; -1: the brokers' default.")
      .group("Model")
      .key(BUNDLE, Type.STRING, "", HIGH,
          "Folder of the model bundle that an application begins with, or 'default' or 'untrained'; empty: the default bundle. Later the "
              + "version that is ACTIVE is served; a bundle that is not published yet is published at the start and rolled out like "
              + "any other.")
      .key(DEVICE, Type.STRING, "auto", ValidString.in("auto", "cpu", "cuda"), HIGH,
          "Where the encoder runs: cuda fails if there is no usable GPU, auto falls back to the CPU and says why.")
      .key(INTRA_OP_THREADS, Type.INT, 0, Range.between(0, 1024), LOW,
          "Threads ONNX Runtime uses for one batch; 0: one in an application, which encodes as many batches at a time as there are cores, "
              + "and the number of cores elsewhere.")
      .key(CUDA_BYTES, Type.LONG, 0L, Range.atLeast(0), LOW,
          "Most memory of the GPU that the encoder of a model takes, in bytes; 0: as much as it likes. While models are rolled out there "
              + "are two.")
      .key(MODELS_URI, Type.STRING, "", MEDIUM,
          "Where published models are kept, a folder for each version: file:///folder, or s3://bucket/prefix with the content.s3.* "
              + "endpoint, region and keys, or, to read them only, http(s)://host/path; empty: models in the state directory. Models "
              + "elsewhere are fetched only from where references may point.")
      .key(MODELS_MAX_BYTES, Type.LONG, 2L * 1024 * MEBI, Range.atLeast(1), LOW, "Largest published model that is fetched, in bytes.")
      .group("Encode ahead")
      .key(AHEAD_BYTES, Type.LONG, 64L * MEBI, Range.atLeast(0), MEDIUM,
          "Most bytes of images, pixels and tokens that are held of events whose images are encoded in batches before their turn comes; "
              + "0: each image is encoded alone, when its event is processed.")
      .key(AHEAD_BATCH, Type.INT, 0, Range.between(0, 1024), LOW, "Most images of a batch; 0: 64 on a GPU, 8 on the CPU.")
      .key(AHEAD_WAIT, Type.INT, 5, Range.between(0, 1000), LOW,
          "How long an idle encoder with too few images for a full batch waits for those that are being decoded, in milliseconds.")
      .key(AHEAD_DECODERS, Type.INT, 0, Range.between(0, 1024), LOW, "Threads that decode images ahead; 0: the number of cores.")
      .key(AHEAD_FETCHERS, Type.INT, 16, Range.between(1, 1024), LOW, "Threads that fetch content by reference ahead.")
      .group("Rollout")
      .key(ROLLOUT_ACTIVATION, Type.STRING, "auto", ValidString.in("auto", "manual"), MEDIUM,
          "auto: the newest published model version is rolled out by itself; manual: 'accrete models activate' asks for it.")
      .key(ROLLOUT_WARMING_TIMEOUT, Type.LONG, 600_000L, Range.between(1000, 86_400_000L), LOW,
          "Longest time that the instances may take to fetch and load a new model version before its rollout fails, in milliseconds.")
      .key(ROLLOUT_MAX_UNREADABLE, Type.DOUBLE, 0.001, Range.between(0, 1), MEDIUM,
          "Largest share of the objects that may be left without an embedding under a new model version, as their images cannot be "
              + "read any more; above it the rollout fails.")
      .key(ROLLOUT_DRAINING, Type.LONG, 86_400_000L, Range.atLeast(0), MEDIUM,
          "How long the model version that was active before is kept up to date for a rollback, in milliseconds; then it is retired.")
      .key(SWEEP_SHARE, Type.DOUBLE, 0.5, Range.between(0.01, 1), MEDIUM,
          "Share of the time that live events leave to a stream thread in which it folds objects again under a new model version.")
      .group("Streams")
      .key(STATE_DIR, Type.STRING, "", HIGH, "Directory of the local state; empty: accrete-state in the working directory.")
      .key(STREAM_THREADS, Type.INT, 0, Range.between(0, 1024), MEDIUM,
          "Stream threads of this instance; 0: half the number of cores, but at least 3 and at most 8.")
      .key(COMMIT_INTERVAL, Type.INT, 100, Range.between(1, 60_000), LOW,
          "How long an embedding waits at most for its transaction to be committed, when no more events wait, in milliseconds.")
      .key(COMMIT_BACKLOG_INTERVAL, Type.INT, 1000, Range.between(1, 60_000), LOW,
          "The same while more events wait, in milliseconds: each commit costs brokers and application as much as a few photos do.")
      .key(TRANSACTION_TIMEOUT, Type.INT, 60_000, Range.between(10_000, 900_000), LOW,
          "Longest time that a transaction may stay open, in milliseconds.")
      .key(FEATURES_STORE, Type.BOOLEAN, false, MEDIUM, "Keep each image's tokens (fp16), so that re-folding an object needs no encoder.")
      .key(OBJECT_MAX_IMAGES, Type.INT, 10_000, Range.between(1, 10_000_000), MEDIUM,
          "Most images that one object may hold; more go to the dead-letter topic.")
      .group("Sampler")
      .key(SAMPLER_OBJECTS, Type.DOUBLE, 1.0, Range.between(0, 1), MEDIUM,
          "Share of the objects, chosen by hash of their ids, from whose images sets are sampled for the trainer; 0: none.")
      .key(SAMPLER_SET_IMAGES, Type.INT, 8, Range.between(2, 1000), LOW, "Most images of one set.")
      .key(SAMPLER_SET_BYTES, Type.INT, 4 * MEBI, Range.between(64 * KIBI, 64 * MEBI), LOW,
          "Largest image set, in bytes, and never more than a record of the topic may have; images that do not fit are left out.")
      .group("Images")
      .key(IMAGE_MAX_BYTES, Type.INT, 16 * MEBI, Range.between(1024, 64 * MEBI), MEDIUM,
          "Largest encoded image, in bytes, by value or by reference. "
              + "Raised later, it asks for a larger max.message.bytes of the topics that exist.")
      .key(IMAGE_MAX_PIXELS, Type.LONG, 50_000_000L, Range.between(1, 700_000_000L), MEDIUM,
          "Most pixels of an image, checked before it is decoded.")
      .group("Content by reference")
      .key(FILE_ROOTS, Type.LIST, "", MEDIUM, "Directories below which file: references may point; empty: file: references are refused.")
      .key(HTTP_HOSTS, Type.LIST, "", MEDIUM,
          "Host names that http(s): references may name (*.example.com for subdomains, * for any public host); empty: they are refused.")
      .key(HTTP_PRIVATE_NETWORKS, Type.LIST, "", LOW,
          "Networks (CIDR) that http(s): references may reach although they are loopback, private, link-local or otherwise not public.")
      .key(HTTP_TIMEOUT, Type.INT, 10_000, Range.between(100, 50_000), LOW,
          "Longest time for one http(s): or s3: download in all, in milliseconds.")
      .key(S3_BUCKETS, Type.LIST, "", MEDIUM, "Buckets that s3: references may name (* for any); empty: s3: references are refused.")
      .key(S3_ENDPOINT, Type.STRING, "", LOW, "Address of an S3-compatible store; empty: Amazon's.")
      .key(S3_REGION, Type.STRING, "us-east-1", LOW, "Region of the S3 store.")
      .key(S3_ACCESS_KEY, Type.STRING, "", LOW, "Access key; empty: the AWS SDK's default credentials.")
      .key(S3_SECRET_KEY, Type.PASSWORD, "", LOW, "Secret key.")
      .group("Trainer")
      .key(TRAINER_BUFFER_BYTES, Type.LONG, 4L * 1024 * MEBI, Range.atLeast(MEBI), MEDIUM,
          "Most bytes of photos that the trainer keeps on disk to learn from; photos in use by a training round come on top.")
      .key(TRAINER_BUFFER_OBJECT_IMAGES, Type.INT, 64, Range.between(2, 100_000), LOW,
          "Most photos of one object that the trainer keeps, and takes from one image set.")
      .key(TRAINER_ROUND_OBJECTS, Type.INT, 20, Range.atLeast(2), LOW,
          "Objects that the trainer waits for before it trains, held-back ones included.")
      .key(TRAINER_ROUND_PHOTOS, Type.INT, 200, Range.atLeast(1), LOW,
          "Photos that must come on top of those of the last round before the trainer trains again.")
      .group("Similarity")
      .key(SIMILARITY_INDEX, Type.BOOLEAN, true, LOW,
          "Whether objects are searched by a graph of their embeddings, kept in memory beside these; otherwise every search compares with "
              + "all objects of the instance.")
      .key(SIMILARITY_BYTES, Type.LONG, 0L, Range.atLeast(0), MEDIUM,
          "Most bytes of memory, about, that an instance takes to have its objects listed and searched; 0: half of its heap. If they need "
              + "more, these requests are answered with 503 until it is restarted.")
      .group("HTTP API")
      .key(API_HOST, Type.STRING, "127.0.0.1", MEDIUM, "Address that the HTTP API listens on.")
      .key(API_PORT, Type.INT, 8080, Range.between(0, 65_535), MEDIUM, "Port of the HTTP API; 0: any free one.")
      .key(API_TOKENS_READ, Type.PASSWORD, "", MEDIUM,
          "Tokens with which the HTTP API may be read and searched, comma-separated. Without any token at all it is open, which is "
              + "allowed on loopback only.")
      .key(API_TOKENS_WRITE, Type.PASSWORD, "", MEDIUM,
          "Tokens with which the HTTP API may be read and written to, comma-separated; none, but tokens to read: nobody may write.")
      .key(API_STREAM_CLIENTS, Type.INT, 256, Range.between(1, 10_000), LOW,
          "Most clients at a time that an instance streams embeddings to.")
      .key(APPLICATION_SERVER, Type.STRING, "", LOW,
          "host:port under which other instances reach this one's HTTP API; empty: its listening address, or the machine's name where it "
              + "listens on all. With http.port=0 they do not.")
      .build();

  private ConfigKeys() {}

  /** Adds keys to a ConfigDef with group and order filled in, so that the list above stays readable. */
  private static final class Definition {
    private final ConfigDef def = new ConfigDef();
    private String group;
    private int order;

    Definition group(String name) {
      group = name;
      order = 0;
      return this;
    }

    Definition key(String name, Type type, Object defaultValue, ConfigDef.Importance importance, String doc) {
      return key(name, type, defaultValue, null, importance, doc);
    }

    Definition key(String name, Type type, Object defaultValue, ConfigDef.Validator validator,
        ConfigDef.Importance importance, String doc) {
      def.define(name, type, defaultValue, validator, importance, doc, group, order++, ConfigDef.Width.NONE, name);
      return this;
    }

    ConfigDef build() {
      return def;
    }
  }
}
