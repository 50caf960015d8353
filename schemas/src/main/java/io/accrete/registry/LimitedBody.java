package io.accrete.registry;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** Reads a response body of bounded size into memory. */
final class LimitedBody implements BodySubscriber<byte[]> {
  private final BodySubscriber<byte[]> body = BodySubscribers.ofByteArray();
  private final long limit;
  private Subscription subscription;
  private long received;

  LimitedBody(long limit) {
    this.limit = limit;
  }

  @Override
  public void onSubscribe(Subscription source) {
    subscription = source;
    body.onSubscribe(source);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    received += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    if (received > limit) {
      subscription.cancel();
      body.onError(new IOException("the answer is larger than " + limit + " bytes"));
    } else {
      body.onNext(buffers);
    }
  }

  @Override
  public void onError(Throwable error) {
    body.onError(error);
  }

  @Override
  public void onComplete() {
    body.onComplete();
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body.getBody();
  }
}
