package io.accrete.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.accrete.content.ContentException.Reason;

final class ContentAssertions {
  private ContentAssertions() {}

  /** The reference is refused for this reason, in one line of readable text. */
  static ContentException assertRefused(ContentResolver content, String uri, Reason reason) {
    ContentException refused = catchThrowableOfType(ContentException.class, () -> content.fetch(uri));
    assertThat(refused).as("refusal of " + uri).isNotNull();
    assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(reason);
    assertThat(refused.getMessage()).isNotBlank().isPrintable().hasSizeLessThan(600);
    return refused;
  }
}
