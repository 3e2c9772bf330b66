// Names and values under each other.
#include <gtest/gtest.h>

#include <QLabel>

#include "ui/parts/figures.h"

namespace {

QStringList shown(const QWidget& figures) {
    QStringList out;
    for (const QLabel* label : figures.findChildren<QLabel*>())
        if (!label->isHidden()) out << label->text();
    return out;
}

}  // namespace

TEST(Figures, two_people_of_one_name_have_a_line_each) {
    ui::parts::Figures figures(nullptr);
    figures.set("Agree", "1 of 2");
    figures.add("Wang Fang", "agrees (OF-1)");
    figures.add("Wang Fang", "rejects (OF-2)");
    figures.add("Agree", "agrees (OF-3)");
    EXPECT_EQ(shown(figures), (QStringList{"Agree", "1 of 2", "Wang Fang", "agrees (OF-1)", "Wang Fang", "rejects (OF-2)", "Agree", "agrees (OF-3)"}));
    figures.set("Agree", "2 of 2");
    EXPECT_EQ(figures.value("Agree"), "2 of 2");
    EXPECT_TRUE(shown(figures).contains("agrees (OF-3)"));
    figures.set("Agree", {});
    EXPECT_FALSE(shown(figures).contains("2 of 2")) << "without a value it has no line";
    figures.clear();
    EXPECT_TRUE(shown(figures).isEmpty());
}
