// Reads a topic of object embeddings from its beginning with Confluent's official schema registry client and checks what it finds.
// Usage: node read-embeddings.mjs BOOTSTRAP REGISTRY_URL TOPIC
import { randomUUID } from 'node:crypto';
import { AvroDeserializer, SchemaRegistryClient, SerdeType } from '@confluentinc/schemaregistry';
import { Kafka, logLevel } from 'kafkajs';

const [bootstrap, registryUrl, topic] = process.argv.slice(2);
if (!topic) {
  console.error('Usage: node read-embeddings.mjs BOOTSTRAP REGISTRY_URL TOPIC');
  process.exit(2);
}

const QUIET_MS = 5000; // a topic has no end; we stop when nothing has come for this long
const registry = new SchemaRegistryClient({ baseURLs: [registryUrl] });
const deserializer = new AvroDeserializer(registry, SerdeType.VALUE, {});
const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `interop-${randomUUID()}`, readUncommitted: false });

const latest = new Map();
let records = 0;
let failure;
let quiet;
let finish;
const finished = new Promise(resolve => { finish = resolve; });
const wait = () => { clearTimeout(quiet); quiet = setTimeout(finish, QUIET_MS); };

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
consumer.on(consumer.events.GROUP_JOIN, wait);
await consumer.run({
  eachMessage: async ({ message }) => {
    wait();
    try {
      records++;
      const objectId = message.key.toString('utf8');
      if (message.value === null) {
        latest.delete(objectId);
        return;
      }
      const embedding = await deserializer.deserialize(topic, message.value);
      const norm = Math.hypot(...embedding.vector);
      if (Math.abs(norm - 1) > 1e-4) throw new Error(`${objectId}: vector of length ${norm}, expected 1`);
      if (!topic.endsWith(embedding.modelVersion)) throw new Error(`${objectId}: vector of ${embedding.modelVersion} in ${topic}`);
      latest.set(objectId, embedding);
    } catch (error) {
      failure = error;
      finish();
    }
  },
});
await finished;
await consumer.disconnect();

if (failure || latest.size === 0) {
  console.error(failure ? `failed: ${failure.message}` : `failed: no embedding in ${topic}`);
  process.exit(1);
}
const images = [...latest.values()].reduce((sum, embedding) => sum + embedding.imageCount, 0);
const [objectId, embedding] = latest.entries().next().value;
console.log(`${objectId}: ${embedding.imageCount} images, last ${embedding.lastImageId}, vector[${embedding.vector.length}]`);
console.log(`${records} records, ${latest.size} objects, ${images} images: all read with Confluent's client`);
