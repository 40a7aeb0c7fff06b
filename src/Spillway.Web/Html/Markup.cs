using System.Runtime.CompilerServices;
using System.Text;

namespace Spillway.Web.Html;

/// <summary>
/// A piece of a page. It can be made in one way only: by an interpolated text whose literal parts are markup and whose holes are text. What
/// stands in a hole is shown as it is, whoever sent it: it never becomes markup, unless it is a <see cref="Markup"/> itself.
/// </summary>
internal readonly struct Markup
{
    private readonly string? _text;

    private Markup(string text) => _text = text;

    /// <summary>Nothing.</summary>
    public static Markup Empty => default;

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_text);

    /// <summary>A piece from a literal with holes.</summary>
    public static Markup Of(MarkupHandler piece) => new(piece.Finish());

    /// <summary>Pieces one behind the other.</summary>
    public static Markup Join(IEnumerable<Markup> pieces)
    {
        var text = new StringBuilder();
        foreach (Markup piece in pieces)
            text.Append(piece._text);
        return new Markup(text.ToString());
    }

    /// <summary>A piece for each of some things.</summary>
    public static Markup Each<T>(IEnumerable<T> things, Func<T, Markup> make) => Join(things.Select(make));

    /// <summary>A piece, or nothing.</summary>
    public static Markup If(bool condition, Func<Markup> make) => condition ? make() : Empty;

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";
}

/// <summary>Puts a piece of a page together: literal parts go in as they are, holes are encoded.</summary>
[InterpolatedStringHandler]
internal readonly ref struct MarkupHandler
{
    private readonly StringBuilder _text;

    public MarkupHandler(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(Markup piece) => _text.Append(piece.ToString());

    public void AppendFormatted(IEnumerable<Markup> pieces)
    {
        foreach (Markup piece in pieces)
            _text.Append(piece.ToString());
    }

    public void AppendFormatted(string? text) => HtmlText.Append(_text, text);

    public void AppendFormatted(int number) => _text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{number}");

    public void AppendFormatted(long number) => _text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{number}");

    public void AppendFormatted(double number) => _text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{number:0.##}");

    internal string Finish() => _text.ToString();
}
