#pragma once
#include <QCoreApplication>
#include <QTranslator>

/// While it lives, the texts of one context are shown in <>: whoever shows one asked for its translation, whether or not there is one yet.
class Marked : public QTranslator {
public:
    explicit Marked(const char* context) : context_(context) { QCoreApplication::installTranslator(this); }
    ~Marked() override { QCoreApplication::removeTranslator(this); }
    QString translate(const char* context, const char* source, const char*, int) const override { return context_ == context ? QLatin1Char('<') + QLatin1String(source) + QLatin1Char('>') : QString(); }
    bool isEmpty() const override { return false; }

private:
    QByteArray context_;
};
