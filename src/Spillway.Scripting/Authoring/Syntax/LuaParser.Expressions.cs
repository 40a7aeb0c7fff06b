namespace Spillway.Scripting.Authoring.Syntax;

/// <content>Expressions.</content>
internal sealed partial class LuaParser
{
    private static readonly string[] BinaryOperators = ["+", "-", "*", "/", "^", "%", "..", "<", "<=", ">", ">=", "==", "~=", "and", "or"];

    /// <summary>A list of expressions; each knows the path of what it is assigned to.</summary>
    /// <returns>For each the chain of names that it is, or null.</returns>
    private List<LuaAccess?> Expressions(List<string> paths)
    {
        var values = new List<LuaAccess?>();
        do values.Add(Expression(values.Count < paths.Count ? paths[values.Count] : ""));
        while (Accept(","));
        return values;
    }

    private LuaAccess? Expression(string path)
    {
        LuaAccess? value = null;
        if (++_depth <= MaxDepth)
        {
            value = Operand(path);
            while (Array.Exists(BinaryOperators, Is))
            {
                // "a or {}": either may be what the name means.
                bool keeps = Is("or") || Is("and");
                Next();
                Operand(keeps ? path : "");
                value = null;
            }
        }
        else
        {
            _at = _tokens.Count - 1;
        }

        _depth--;
        return value;
    }

    private LuaAccess? Operand(string path)
    {
        while (Accept("not") || Accept("-") || Accept("#"))
            path = "";
        LuaToken token = Current;
        if (token.Kind == LuaTokenKind.String)
        {
            TakeString();
        }
        else if (token.Kind == LuaTokenKind.Number || token.Is("nil") || token.Is("true") || token.Is("false") || token.Is("..."))
        {
            Next();
        }
        else if (token.Is("{"))
        {
            Constructor(path);
        }
        else if (Accept("function"))
        {
            FunctionBody(path, isMethod: false);
        }
        else
        {
            return Suffixed(path);
        }

        return null;
    }

    /// <summary>A name or an expression in parentheses with all that follows it.</summary>
    private LuaAccess? Suffixed(string path)
    {
        LuaAccess? access = null;
        if (Accept("("))
        {
            Expression("");
            Accept(")");
        }
        else if (Current.Kind == LuaTokenKind.Name)
        {
            access = Use(Current.Line, TakeName());
        }
        else
        {
            return null;
        }

        LuaAccess? chain = access;
        while (true)
        {
            if (Is(".") || Is(":"))
            {
                bool withColon = Is(":");
                Next();
                int line = Current.Line;
                chain?.Steps.Add(new LuaStep(TakeName(), withColon, IsCalled: false, line));
                if (!withColon)
                    continue;
                Call(chain, path);
            }
            else if (Is("["))
            {
                chain = Index(chain);
            }
            else if (Is("(") || Is("{") || Current.Kind == LuaTokenKind.String)
            {
                Call(chain, path);
            }
            else
            {
                return access;
            }
        }
    }

    // ["name"] is as good as .name; after any other index nobody knows what there is.
    private LuaAccess? Index(LuaAccess? chain)
    {
        Next();
        if (Current.Kind == LuaTokenKind.String && _tokens[_at + 1].Is("]"))
        {
            chain?.Steps.Add(new LuaStep(Current.Text, WithColon: false, IsCalled: false, Current.Line));
            TakeString();
        }
        else
        {
            Expression("");
            if (chain is not null)
                chain.GoesOn = true;
            chain = null;
        }

        Accept("]");
        return chain;
    }

    private void Call(LuaAccess? chain, string path)
    {
        if (chain is { Steps.Count: > 0 })
            chain.Steps[^1] = chain.Steps[^1] with { IsCalled = true };
        else if (chain is not null)
            chain.IsCalled = true;
        if (chain is not null)
            (chain.FirstString, chain.FirstName) = (null, null);

        // A table given to a function is known by the function: T.async:schedule{ onexecute = ... }.
        string inner = chain is null ? path : chain.Path;
        if (Current.Kind == LuaTokenKind.String)
        {
            if (chain is not null)
                chain.FirstString = Current.Text;
            TakeString();
        }
        else if (Is("{"))
        {
            Constructor(inner);
        }
        else if (Accept("("))
        {
            LuaToken first = Current;
            bool isAlone = _tokens[Math.Min(_at + 1, _tokens.Count - 1)] is var after && (after.Is(",") || after.Is(")"));
            if (chain is not null && isAlone && first.Kind == LuaTokenKind.String)
                chain.FirstString = first.Text;
            if (chain is not null && isAlone && first.Kind == LuaTokenKind.Name)
                chain.FirstName = first.Text;
            if (!Is(")"))
                Expressions([inner, inner, inner]);
            Accept(")");
        }
    }

    private void Constructor(string path)
    {
        Next();
        var seen = new Dictionary<string, int>();
        int row = 0;
        while (!Is("}") && Current.Kind != LuaTokenKind.End)
        {
            int before = _at;
            LuaToken token = Current;
            string? key = null;
            if (token.Kind == LuaTokenKind.Name && _tokens[_at + 1].Is("="))
            {
                key = token.Text;
                Next();
                Next();
            }
            else if (Accept("["))
            {
                string? literal = Current.Kind == LuaTokenKind.String && _tokens[_at + 1].Is("]") ? Current.Text : null;
                Expression("");
                Accept("]");
                Accept("=");
                key = literal ?? "?";
            }

            string field = key is null ? $"{path}[{++row}]" : $"{path}.{key}";
            _chunk.Fields[field] = token.Line;
            if (key is not null and not "?" && !seen.TryAdd(key, token.Line))
                _chunk.Duplicates.Add((field, seen[key], token.Line));
            Expression(field);
            if (!Accept(",") && !Accept(";") && _at == before)
                Next();
        }

        Accept("}");
    }

    private void TakeString()
    {
        _chunk.Strings.Add((Current.Text, Current.Line));
        Next();
    }
}
