using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace K3sToken.PowerShell.Completers;

/// <summary>What a person may mean with the beginning of a word. It never writes anything, and what fails offers nothing.</summary>
internal abstract class Completer : IArgumentCompleter
{
    // PowerShell takes the typographic quotes for the plain one.
    private const string SpecialInDoubleQuotes = "\"$`\u201C\u201D\u201E";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string quote = wordToComplete.Length > 0 && wordToComplete[0] is '\'' or '"' ? wordToComplete.Substring(0, 1) : "";
        string word = wordToComplete.Trim('\'', '"');
        WildcardPattern pattern = WildcardPattern.Get(word + "*", WildcardOptions.IgnoreCase);
        return Offer(parameterName, word, fakeBoundParameters)
            .Where(offer => pattern.IsMatch(offer.Text))
            .Select(offer => new CompletionResult(Quote(offer.Text, quote), offer.Text, CompletionResultType.ParameterValue, offer.Meaning))
            .ToArray();
    }

    /// <summary>All there is to choose from, with what each means.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="word">What was typed of it, without quotes.</param>
    /// <param name="bound">The command's other parameters.</param>
    private protected abstract IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound);

    /// <summary>Whether PowerShell takes the bare text of an argument for something else, such as a number, or for several words.</summary>
    private protected virtual bool NeedsQuotes(string text)
    {
        Ast script = Parser.ParseInput("x " + text, out _, out ParseError[] errors);
        return errors.Length > 0
            || script.Find(static ast => ast is CommandAst, searchNestedScriptBlocks: false) is not CommandAst { CommandElements.Count: 2 } command
            || command.CommandElements[1] is not StringConstantExpressionAst argument
            || argument.Value != text;
    }

    private string Quote(string text, string quote) => (quote, NeedsQuotes(text)) switch
    {
        ("\"", _) when !text.Any(c => SpecialInDoubleQuotes.Contains(c)) => $"\"{text}\"",
        ("", false) => text,
        _ => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'",
    };
}
