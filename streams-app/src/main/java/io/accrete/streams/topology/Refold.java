package io.accrete.streams.topology;

import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectStores;
import java.util.List;

/** An object that is folded again from its ledger, image by image, while events may change it in between. */
final class Refold {
  private final String objectId;
  private final ObjectFolder folder;
  private final ObjectStores stores;
  private ObjectState object;
  private List<LedgerEntry> ledger = List.of();
  private int done;
  private Latent latent;

  Refold(String objectId, ObjectFolder folder, ObjectStores stores) {
    this.objectId = objectId;
    this.folder = folder;
    this.stores = stores;
  }

  boolean isOf(String objectId) {
    return this.objectId.equals(objectId);
  }

  /** Takes the object as it is now: what is done stays done if the ledger still begins with it. */
  void update(ObjectState now) {
    if (object != null && object.getSourceOffset() == now.getSourceOffset()) {
      return; // the same event made it: the ledger, which may be long, is the same
    }
    List<LedgerEntry> before = ledger.subList(0, done);
    ledger = stores.ledger(objectId);
    if (done > ledger.size() || !ledger.subList(0, done).equals(before)) {
      done = 0;
      latent = null;
    }
    object = now;
  }

  boolean isDone() {
    return done == ledger.size();
  }

  /** Folds the next image; if it fails the object cannot be folded. */
  void step() throws RejectedEventException {
    latent = folder.append(latent, done, objectId, ledger.get(done));
    done++;
  }

  /** What all images make, once they are done. */
  Latent latent() {
    return latent;
  }
}
