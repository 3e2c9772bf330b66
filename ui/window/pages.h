#pragma once
#include <functional>
#include <vector>

#include "ui/parts/icon.h"
#include "ui/window/page.h"

namespace ui::window {

/// What the window consists of, in its order: one line a page, in pages.cpp.
struct PageEntry {
    const char* name;   ///< for go_to, --page and pictures
    const char* title;  ///< to be translated in the context "pages"
    parts::Picture picture;
    bool needs_open;    ///< shows nothing while the platform is sealed or not set up
    std::function<Page*(link::Link&, QWidget*)> make;
};

const std::vector<PageEntry>& pages();
QString title_of(const PageEntry& entry);

}  // namespace ui::window
