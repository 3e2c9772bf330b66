#pragma once
#include <QObject>

namespace ui::parts {

/// What a page was told and cannot ask for again, for the window builds its pages anew when the language changes: the one T that `by` (the link, which outlives them) keeps, empty at first. Words are kept as what says them
/// (a function), so that they are said anew in the other language.
template <class T>
T& remembered(QObject& by) {
    struct Keeper : QObject {
        using QObject::QObject;
        T value{};
    };
    for (QObject* child : by.children())
        if (auto* keeper = dynamic_cast<Keeper*>(child)) return keeper->value;
    return (new Keeper(&by))->value;
}

}  // namespace ui::parts
