// Why something is not offered, for people without a mouse too.
#include <gtest/gtest.h>

#include <QPushButton>
#include <QVBoxLayout>

#include "ui/parts/offer.h"

using ui::parts::offer;

TEST(Offer, a_button_that_is_not_offered_says_why_to_everybody) {
    QPushButton button("&Rotate …");
    offer(button, "Plug in the UKEY.", "Draws new masters");
    EXPECT_FALSE(button.isEnabled());
    EXPECT_EQ(button.toolTip(), "Plug in the UKEY.");
    EXPECT_EQ(button.accessibleDescription(), "Plug in the UKEY.");
    offer(button, {}, "Draws new masters");
    EXPECT_TRUE(button.isEnabled());
    EXPECT_EQ(button.toolTip(), "Draws new masters");
    offer(button, {});
    EXPECT_TRUE(button.toolTip().isEmpty());
    EXPECT_TRUE(button.accessibleDescription().isEmpty());
}

TEST(Offer, reasons_stand_below_once_each_and_follow) {
    QWidget page;
    auto* column = new QVBoxLayout(&page);
    auto* rotate = new QPushButton("&Rotate …", &page);
    auto* destroy = new QPushButton("销毁(&D)…", &page);
    auto* reasons = new ui::parts::Reasons({rotate, destroy}, &page);
    for (QWidget* w : {static_cast<QWidget*>(rotate), static_cast<QWidget*>(destroy), static_cast<QWidget*>(reasons)}) column->addWidget(w);
    page.show();
    EXPECT_TRUE(reasons->isHidden());
    offer(*rotate, "Plug in the UKEY.");
    EXPECT_TRUE(reasons->isVisible());
    EXPECT_EQ(reasons->text(), "Rotate: Plug in the UKEY.");
    offer(*destroy, "Plug in the UKEY.");
    EXPECT_EQ(reasons->text(), "Rotate, 销毁: Plug in the UKEY.");
    offer(*destroy, "It is the newest version.");
    EXPECT_EQ(reasons->text(), "Rotate: Plug in the UKEY.\n销毁: It is the newest version.");
    rotate->hide();
    EXPECT_EQ(reasons->text(), "销毁: It is the newest version.");
    delete destroy;
    EXPECT_TRUE(reasons->isHidden());
}
