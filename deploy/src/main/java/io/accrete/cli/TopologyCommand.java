package io.accrete.cli;

import io.accrete.config.AccreteConfig;
import io.accrete.content.ContentResolver;
import io.accrete.content.ContentResolvers;
import io.accrete.events.ImageEvent;
import io.accrete.image.ImageLimits;
import io.accrete.runtime.Model;
import io.accrete.serde.AvroSerdes;
import io.accrete.streams.ahead.AheadSettings;
import io.accrete.streams.encode.LiveModels;
import io.accrete.streams.encode.ServedModel;
import io.accrete.streams.store.ObjectChanges;
import io.accrete.streams.topology.AccreteTopology;
import io.accrete.streams.topology.ImagesAhead;
import io.accrete.streams.topology.OutcomeWatch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import org.apache.kafka.common.serialization.Deserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code accrete topology}: what the app is made of. */
@Command(name = "topology", mixinStandardHelpOptions = true,
    description = "Prints the topology of the app for this configuration: sources, processors, state stores and sinks. Needs no cluster.")
final class TopologyCommand implements Runnable {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    AccreteConfig config = options.load();
    ContentResolver content = ContentResolvers.from(config);
    Deserializer<ImageEvent> events = AvroSerdes.deserializer(ImageEvent.class, config);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (Model model = Bundles.load(Bundles.configured(config), config)) {
      LiveModels only = LiveModels.only(ServedModel.of(model, ImageLimits.LOCAL));
      try (var ahead = new ImagesAhead(config, AheadSettings.of(config), () -> Optional.of(only), content, events, meters)) {
        spec.commandLine().getOut().print(AccreteTopology.build(config, () -> () -> only, content, events, AvroSerdes.serializer(config),
            meters, ahead, ObjectChanges.UNHEARD, new OutcomeWatch()).describe());
      }
    }
  }
}
