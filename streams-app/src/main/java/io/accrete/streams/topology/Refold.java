package io.accrete.streams.topology;

import io.accrete.state.Latent;
import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import io.accrete.streams.store.ObjectStores;
import io.accrete.streams.topology.ObjectFolder.Again;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * An object that is folded again from its ledger, image by image, while events may change it in between. The next images are being encoded
 * meanwhile.
 */
final class Refold {
  private static final int BEGUN = 8;

  private final String objectId;
  private final ObjectFolder folder;
  private final ObjectStores stores;
  private ObjectState object;
  private List<LedgerEntry> ledger = List.of();
  private final Deque<Again> begun = new ArrayDeque<>(); // the images after those that are done
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
    List<LedgerEntry> before = ledger.subList(0, done + begun.size());
    ledger = stores.ledger(objectId);
    if (!beginsWith(before)) {
      drop();
      before = before.subList(0, done);
    }
    if (!beginsWith(before)) {
      done = 0;
      latent = null;
    }
    object = now;
  }

  private boolean beginsWith(List<LedgerEntry> entries) {
    return entries.size() <= ledger.size() && ledger.subList(0, entries.size()).equals(entries);
  }

  boolean isDone() {
    return done == ledger.size();
  }

  /** Folds the next image; if it fails the object cannot be folded. */
  void step() throws RejectedEventException {
    while (begun.size() < BEGUN && done + begun.size() < ledger.size()) {
      begun.add(folder.begin(objectId, ledger.get(done + begun.size())));
    }
    latent = folder.append(latent, done, objectId, begun.remove());
    done++;
  }

  /** What was begun is not needed, now at least. */
  void drop() {
    begun.forEach(Again::drop);
    begun.clear();
  }

  /** What all images make, once they are done. */
  Latent latent() {
    return latent;
  }
}
