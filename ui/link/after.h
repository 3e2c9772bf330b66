#pragma once
#include <QFutureWatcher>
#include <QObject>
#include <type_traits>
#include <utility>

namespace ui::link {

/// Has `then` called with the result of `future` in the thread of `home`, later, once it is there; not at all when `home` has gone by then.
/// QFuture::then() with a context is not that: it may reach for one that is being destroyed meanwhile.
template <typename T, typename Then>
void after(const QFuture<T>& future, QObject* home, Then then) {
    auto* watcher = new QFutureWatcher<T>(home);
    QObject::connect(watcher, &QFutureWatcher<T>::finished, home, [watcher, then = std::move(then)]() mutable {
        watcher->deleteLater();
        if constexpr (std::is_void_v<T>) then();
        else then(watcher->result());
    });
    watcher->setFuture(future);
}

}  // namespace ui::link
