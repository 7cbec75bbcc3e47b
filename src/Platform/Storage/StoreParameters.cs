using System.Collections;
using System.Collections.Concurrent;
using System.Data;
using System.Reflection;
using Dapper;

namespace Suture.Platform.Storage;

/// <summary>Parameters of one statement, the same on both engines: ids as bytes, instants as microseconds, days as ISO text, enums and booleans as numbers,
/// lists as one parameter for <see cref="Dialect.In"/>.</summary>
internal sealed class StoreParameters(object values, Dialect dialect) : SqlMapper.IDynamicParameters
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Members = new();

    public void AddParameters(IDbCommand command, SqlMapper.Identity identity)
    {
        foreach (var (name, type, value) in Read(values))
        {
            if (Names(command.CommandText, name))
            {
                Add(command, name, type, value);
            }
        }
    }

    // What the text does not name is left out: the engines differ in what they say of it.
    private static bool Names(string sql, string name)
    {
        for (var at = sql.IndexOf("@" + name, StringComparison.Ordinal); at >= 0; at = sql.IndexOf("@" + name, at + 1, StringComparison.Ordinal))
        {
            var end = at + name.Length + 1;
            if (end == sql.Length || !(char.IsLetterOrDigit(sql[end]) || sql[end] == '_'))
            {
                return true;
            }
        }
        return false;
    }

    private static IEnumerable<(string Name, Type Type, object? Value)> Read(object values) => values is IReadOnlyDictionary<string, object?> named
        ? named.Select(pair => (pair.Key, pair.Value?.GetType() ?? typeof(string), pair.Value))
        : Members.GetOrAdd(values.GetType(), type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Select(member => (member.Name, member.PropertyType, member.GetValue(values)));

    private void Add(IDbCommand command, string name, Type declared, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        if (value is IEnumerable list and not string and not byte[])
        {
            dialect.SetList(parameter, list.Cast<object>().Select(each => StoreValue.Of(name, each)).ToList(), StoreValue.KindOf(ElementOf(list.GetType())));
        }
        else
        {
            // A null has a type too: PostgreSQL asks for it where the text alone does not tell.
            parameter.DbType = StoreValue.KindOf(value?.GetType() ?? declared);
            parameter.Value = value is null ? DBNull.Value : StoreValue.Of(name, value);
        }
        command.Parameters.Add(parameter);
    }

    private static Type ElementOf(Type list) =>
        list.GetInterfaces().Append(list)
            .FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0]
        ?? typeof(string);
}
