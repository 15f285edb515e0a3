package org.wasmbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AllEventsTest {
  static List<Method> events() {
    return Arrays.stream(EventSink.class.getDeclaredMethods()).filter(Method::isDefault).toList();
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyListenerHearsEveryEventInOrder(Method event) throws ReflectiveOperationException {
    var heard = new ArrayList<String>();
    var all = EventSink.all(List.of(listener("first", heard), listener("second", heard)));

    event.invoke(all, arguments(event));

    assertThat(heard).containsExactly("first " + event.getName(), "second " + event.getName());
  }

  private static EventSink listener(String name, List<String> heard) {
    return (EventSink)
        Proxy.newProxyInstance(
            AllEventsTest.class.getClassLoader(),
            new Class<?>[] {EventSink.class},
            (proxy, method, arguments) -> {
              heard.add(name + " " + method.getName());
              return null;
            });
  }

  private static @Nullable Object[] arguments(Method event) {
    return Arrays.stream(event.getParameterTypes()).map(AllEventsTest::argument).toArray();
  }

  private static @Nullable Object argument(Class<?> type) {
    if (type == int.class) {
      return 1;
    }
    if (type == long.class) {
      return 1L;
    }
    return type == Duration.class ? Duration.ZERO : null;
  }
}
