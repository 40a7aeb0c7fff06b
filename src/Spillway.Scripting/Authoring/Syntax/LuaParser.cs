namespace Spillway.Scripting.Authoring.Syntax;

/// <summary>
/// Walks through a Lua source by the grammar (Lua 5.1 reference manual, section 8) and notes functions, uses of names with the variables
/// that they mean, and the fields of tables. It builds no tree. For sources that compile; in others it stops where it no longer
/// understands.
/// </summary>
internal sealed partial class LuaParser
{
    // As deep as LuaJIT itself goes (LJ_MAX_XLEVEL).
    private const int MaxDepth = 200;

    private readonly List<LuaToken> _tokens;
    private readonly LuaChunk _chunk = new();
    private readonly List<Dictionary<string, LuaVariable>> _scopes = [];
    private LuaFunctionNode _function;
    private int _at;
    private int _depth;

    private LuaParser(List<LuaToken> tokens)
    {
        _tokens = tokens;
        _function = new LuaFunctionNode(null, "", 1);
        _chunk.Functions.Add(_function);
    }

    private LuaToken Current => _tokens[_at];

    /// <summary>Walks through a source.</summary>
    public static LuaChunk Parse(string source)
    {
        var parser = new LuaParser(LuaLexer.Read(source));
        parser.Block();
        return parser._chunk;
    }

    private bool Is(string text) => Current.Is(text);

    private void Next()
    {
        if (Current.Kind != LuaTokenKind.End)
            _at++;
    }

    private bool Accept(string text)
    {
        if (!Is(text))
            return false;
        Next();
        return true;
    }

    private string TakeName()
    {
        string name = Current.Kind == LuaTokenKind.Name ? Current.Text : "";
        Next();
        return name;
    }

    private bool IsBlockEnd() => Current.Kind == LuaTokenKind.End || Is("end") || Is("else") || Is("elseif") || Is("until");

    private void Block()
    {
        _scopes.Add([]);
        Statements();
        _scopes.RemoveAt(_scopes.Count - 1);
    }

    private void Statements()
    {
        if (++_depth <= MaxDepth)
        {
            while (!IsBlockEnd())
            {
                int before = _at;
                Statement();
                if (_at == before)
                    Next(); // no Lua: on to the next word
            }
        }
        else
        {
            _at = _tokens.Count - 1;
        }

        _depth--;
    }

    private void Statement()
    {
        if (Accept("if"))
        {
            IfStatement();
        }
        else if (Accept("while"))
        {
            Expression("");
            Accept("do");
            Block();
            Accept("end");
        }
        else if (Accept("do"))
        {
            Block();
            Accept("end");
        }
        else if (Accept("for"))
        {
            ForStatement();
        }
        else if (Accept("repeat"))
        {
            // The condition sees the block's locals.
            _scopes.Add([]);
            Statements();
            if (Accept("until"))
                Expression("");
            _scopes.RemoveAt(_scopes.Count - 1);
        }
        else if (Accept("function"))
        {
            FunctionStatement();
        }
        else if (Accept("local"))
        {
            if (Accept("function"))
                LocalFunction();
            else
                LocalStatement();
        }
        else if (Accept("return"))
        {
            if (!IsBlockEnd() && !Is(";"))
                Expressions([]);
        }
        else if (Accept("::"))
        {
            Next();
            Accept("::");
        }
        else if (!Accept("break") && !Accept(";"))
        {
            ExpressionStatement();
        }
    }

    private void IfStatement()
    {
        do
        {
            Expression("");
            Accept("then");
            Block();
        } while (Accept("elseif"));
        if (Accept("else"))
            Block();
        Accept("end");
    }

    private void ForStatement()
    {
        var names = new List<(string Name, int Line)>();
        do names.Add((Current.Text, Current.Line));
        while (NextAndAccept(","));
        if (Accept("=") || Accept("in"))
            Expressions([]);
        Accept("do");
        _scopes.Add([]);
        foreach ((string name, int line) in names)
            Declare(name, line);
        Statements();
        _scopes.RemoveAt(_scopes.Count - 1);
        Accept("end");
    }

    private void FunctionStatement()
    {
        LuaAccess access = Use(Current.Line, TakeName());
        bool isMethod = false;
        while (Is(".") || Is(":"))
        {
            isMethod = Is(":");
            Next();
            int line = Current.Line;
            access.Steps.Add(new LuaStep(TakeName(), isMethod, IsCalled: false, line));
        }

        MarkTarget(access);
        _chunk.Fields[access.Path] = access.Line;
        FunctionBody(access.Path, isMethod);
    }

    private void LocalFunction()
    {
        int line = Current.Line;
        string name = TakeName();
        Declare(name, line); // it may call itself
        FunctionBody(name, isMethod: false);
    }

    private void LocalStatement()
    {
        var names = new List<(string Name, int Line)>();
        do names.Add((Current.Text, Current.Line));
        while (NextAndAccept(","));
        List<LuaAccess?> values = Accept("=") ? Expressions([.. names.Select(name => name.Name)]) : [];
        for (int i = 0; i < names.Count; i++)
            Declare(names[i].Name, names[i].Line).Initial = i < values.Count ? values[i] : null;
    }

    private void ExpressionStatement()
    {
        var targets = new List<LuaAccess?>();
        do targets.Add(Suffixed(""));
        while (Accept(","));
        if (!Accept("="))
            return;
        foreach (LuaAccess? target in targets)
        {
            if (target is null)
                continue;
            MarkTarget(target);
            _chunk.Fields.TryAdd(target.Path, target.Line);
        }

        Expressions([.. targets.Select(target => target is { GoesOn: false } ? target.Path : "")]);
    }

    private static void MarkTarget(LuaAccess access)
    {
        access.IsTarget = true;
        if (access.Steps.Count == 0 && access.Variable is { } variable)
            variable.IsAssigned = true;
    }

    private void FunctionBody(string path, bool isMethod)
    {
        LuaFunctionNode outer = _function;
        _function = new LuaFunctionNode(outer, path, Current.Line);
        _chunk.Functions.Add(_function);
        _scopes.Add([]);
        if (isMethod)
            Declare("self", Current.Line);
        Accept("(");
        while (!Is(")") && Current.Kind != LuaTokenKind.End)
        {
            if (Current.Kind == LuaTokenKind.Name)
                _function.Parameters.Add(Declare(Current.Text, Current.Line, _function.Parameters.Count));
            Next();
        }

        Accept(")");
        Statements();
        Accept("end");
        _scopes.RemoveAt(_scopes.Count - 1);
        _function = outer;
    }

    private bool NextAndAccept(string text)
    {
        Next();
        return Accept(text);
    }

    private LuaVariable Declare(string name, int line, int parameter = -1)
    {
        var variable = new LuaVariable(name, _function, parameter, line);
        _scopes[^1][name] = variable;
        return variable;
    }

    private LuaAccess Use(int line, string name)
    {
        LuaVariable? variable = null;
        for (int i = _scopes.Count - 1; i >= 0 && variable is null; i--)
            _scopes[i].TryGetValue(name, out variable);
        var access = new LuaAccess(name, variable, _function, line);
        _chunk.Accesses.Add(access);
        return access;
    }
}
