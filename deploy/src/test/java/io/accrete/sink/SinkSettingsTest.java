package io.accrete.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.accrete.subscriber.Unreadable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SinkSettingsTest {
  private static SinkSettings settings(String url) {
    return new SinkSettings(url, "me", "secret", TableName.parse("t"), Unreadable.FAIL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:postgresql://host/db?password=x", "jdbc:postgresql://host/db?sslmode=require&user=x",
      "jdbc:postgresql://host/db?pass%77ord=x", "jdbc:postgresql://host/db?sslpassword=x", "jdbc:mysql://host/db", "host/db",
      "postgresql://me:secret@host/db"})
  void shouldRefuse(String url) {
    assertThatIllegalArgumentException().isThrownBy(() -> settings(url)).withMessageNotContaining("me:secret");
  }

  @Test
  void shouldNameThePlaceAndNoSecret() {
    SinkSettings settings = settings("jdbc:postgresql://host/db?sslmode=verify-full");
    assertThat(settings.toString()).isEqualTo("table t at host:5432/db as me");
    assertThat(settings.connection()).containsEntry("user", "me").containsEntry("password", "secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "T", "a.b.c", "a\"b", "a b", "a;drop", "1a", ".a", "a.", "a234567890123456789012345678901234567890123456789"})
  void shouldRefuseTable(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> TableName.parse(name));
  }

  @Test
  void shouldQuote() {
    TableName name = TableName.parse("shop.user");
    assertThat(name.view()).isEqualTo("\"shop\".\"user\"");
    assertThat(name.rows(1)).isEqualTo("\"shop\".\"user_1\"");
    assertThat(TableName.parse("user").schema()).isNull();
  }
}
