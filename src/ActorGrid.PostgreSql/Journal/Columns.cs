namespace ActorGrid.PostgreSql;

/// <summary>Rows that are sent as columns: an array for each.</summary>
internal sealed class Columns<TRow>
{
    private readonly List<TRow> _rows = [];

    public int Count => _rows.Count;

    public void Add(TRow row) => _rows.Add(row);

    public T[] Of<T>(Func<TRow, T> select)
    {
        var column = new T[_rows.Count];
        for (int i = 0; i < column.Length; i++) column[i] = select(_rows[i]);
        return column;
    }
}
